"""Decorum itself, with a data folder of its own, before a phone on either way."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from client import PLATFORM_VERSION, REAL_LOOKING_UDID, Route
from phone import binary
from processes import Program

RUN_SECONDS = 90

# Nothing waits: what is tested is order and effect, not pace.
NO_CAP = {"hour": None, "day": None}
BRISK = [
    "min_seconds_between_actions=0",
    "backoff_jitter=0",
    "rate_limit_steps=[1]",
    f"budgets={json.dumps(dict.fromkeys(('follow', 'like', 'comment', 'view'), NO_CAP))}",
]
PROFILE = "[timings]\nsettle_ms = 100\nload_timeout_ms = 5000\npoll_ms = 20\n"


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    def json(self) -> Any:  # noqa: ANN401 (a document of any shape)
        """Return the document on standard output."""
        return json.loads(self.out)


class Decorum:
    """The binary and the folder it remembers in."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "profile.toml").write_text(PROFILE)
        assert self.command("settings", "set", *BRISK).code == 0

    def command(self, *arguments: str | Path) -> Ended:
        """Run one command to its end."""
        done = subprocess.run(
            [str(word) for word in (binary(), *arguments)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=RUN_SECONDS,
            check=False,
            env={"PATH": os.environ.get("PATH", ""), **self.environment()},
        )
        return Ended(done.returncode, done.stdout, done.stderr)

    def environment(self) -> dict[str, str]:
        """Return what makes a command this one's."""
        return {
            "DECORUM_DATA_DIR": str(self.folder),
            "DECORUM_PROFILE": str(self.folder / "profile.toml"),
            "USER": "tester",
        }

    @contextmanager
    def worker(self, log: Path) -> Iterator[None]:
        """Have a worker at the queue."""
        with Program([binary(), "worker"], log, self.environment()):
            yield

    def task(self, name: str) -> Any:  # noqa: ANN401 (a document of any shape)
        """Return a task as it is."""
        shown = self.command("task", "show", name, "--json")
        assert shown.code == 0, shown.err
        return shown.json()

    def candidates(self, name: str) -> list[str]:
        """Return everybody on a task's list, in its order."""
        listed = self.command("task", "candidates", name, "--json")
        assert listed.code == 0, listed.err
        return [str(json.loads(line)["username"]) for line in listed.out.splitlines()]

    def run(
        self,
        route: Route,
        actions: str,
        people: list[str],
        *more: str,
        idle_seconds: int | None = None,
    ) -> Ended:
        """Engage `people` through the phone at the end of `route`."""
        targets = self.folder / "people.txt"
        targets.write_text("\n".join(people))
        return self.command(
            *("run", "--account", "studio.nord", "--action", actions, "--targets", targets),
            *("--json", *self.device(route, idle_seconds), *more),
        )

    def device(self, route: Route, idle_seconds: int | None = None) -> list[str | Path]:
        """Return the arguments that name the phone, and what a session with it needs."""
        if route.agent is None:
            return ["--device", route.server]
        file = self.folder / "capabilities.json"
        wanted: dict[str, str | int] = {
            "udid": REAL_LOOKING_UDID,
            "platformVersion": PLATFORM_VERSION,
            "webDriverAgentUrl": route.agent,
        }
        if idle_seconds is not None:
            wanted["newCommandTimeout"] = idle_seconds
        file.write_text(json.dumps(wanted))
        return ["--device", route.server, "--capabilities", file]

    def events(self) -> list[dict[str, Any]]:
        """Return the whole log, oldest first."""
        exported = self.command("export", "--format", "jsonl")
        assert exported.code == 0, exported.err
        return [cast("dict[str, Any]", json.loads(line)) for line in exported.out.splitlines()]
