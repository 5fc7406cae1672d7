"""The HTTP API, as a program, over a store of the test's own."""

from __future__ import annotations

import json
import os
import subprocess
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from phone import binary
from processes import DidNotStart, Program

START_SECONDS = 30.0
ANSWER_SECONDS = 40.0


@dataclass(frozen=True)
class Server:
    """A running server, and the token of an admin if it asks for one."""

    url: str
    token: str | None

    def ask(
        self, method: str, path: str, body: object = None, headers: dict[str, str] | None = None
    ) -> dict[str, Any]:
        """Ask, and return the JSON of the answer."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(  # noqa: S310 (the address is that of our own child)
            self.url + path, data=data, method=method, headers=dict(headers or {})
        )
        request.add_header("Content-Type", "application/json")
        if self.token:
            request.add_header("Authorization", f"Bearer {self.token}")
        with urllib.request.urlopen(request, timeout=ANSWER_SECONDS) as answer:  # noqa: S310
            return cast("dict[str, Any]", json.load(answer))

    def change_settings(self, **changes: object) -> None:
        """Change settings, the others staying as they are."""
        request = urllib.request.Request(self.url + "/api/settings")  # noqa: S310
        with urllib.request.urlopen(request, timeout=ANSWER_SECONDS) as answer:  # noqa: S310
            version, settings = answer.headers["ETag"], json.load(answer)
        self.ask("PUT", "/api/settings", settings | changes, {"If-Match": version})


def store_addresses(folder: Path) -> dict[str, str]:
    """Return a fresh store of each kind there is: a file, and a database if there is a server."""
    addresses = {"sqlite": f"sqlite:{folder / 'decorum.db'}"}
    mongodb = os.environ.get("DECORUM_TEST_MONGODB_REPLICA_SET")
    if mongodb is not None:
        base, _, query = mongodb.partition("?")
        hosts = base.removeprefix("mongodb://").split("/")[0]
        database = f"peers_{uuid.uuid4().hex[:12]}"
        addresses["mongodb"] = f"mongodb://{hosts}/{database}" + (f"?{query}" if query else "")
    return addresses


@contextmanager
def running_server(store: str, data: Path, log: Path, guarded: bool = False) -> Iterator[Server]:
    """Start a server on a free loopback port, and stop it afterwards."""
    place = ["--store", store, "--data-dir", str(data)]
    token = None
    if guarded:
        made = subprocess.run(
            [str(binary()), "token", "create", "--role", "admin", "--name", "peers", *place],
            check=True,
            capture_output=True,
            text=True,
        )
        token = made.stdout.strip()
    command: list[str | Path] = [binary(), "serve", "--no-workers", "--listen", "127.0.0.1:0"]
    command += place
    if guarded:
        command.append("--require-tokens")
    with Program(command, log, read_output=True) as program:
        url = program.first_line(START_SECONDS)
        if not url.startswith("http://"):
            raise DidNotStart(f"the server names no address in: {url}")
        yield Server(url, token)
