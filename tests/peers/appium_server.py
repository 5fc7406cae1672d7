"""The real Appium server, with the drivers that were installed beside it."""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from processes import DidNotStart, Program, free_port

START_SECONDS = 60.0
ANSWER_SECONDS = 5.0
TRIES = 3


@contextmanager
def running_appium(log: Path) -> Iterator[str]:
    """Start a server on a free loopback port and hand over its address."""
    program, url = _start(log)
    with program:
        yield url


def _start(log: Path) -> tuple[Program, str]:
    """Try another port when somebody takes the one we found before Appium does."""
    for left in reversed(range(TRIES)):
        port = free_port()
        program = _spawn(port, log)
        url = f"http://127.0.0.1:{port}"
        try:
            program.wait_until(lambda url=url: _is_ready(url), START_SECONDS)  # type: ignore[misc]
        except DidNotStart:
            program.stop()
            if left == 0 or "EADDRINUSE" not in log.read_text(errors="replace"):
                raise
        except BaseException:
            program.stop()
            raise
        else:
            return program, url
    raise AssertionError("unreachable: the last try returns or raises")


def _spawn(port: int, log: Path) -> Program:
    home = os.environ.get("DECORUM_APPIUM_DIR")
    if home is None:
        raise DidNotStart("DECORUM_APPIUM_DIR does not say where Appium is; run scripts/test-peers")
    entry = Path(home) / "node_modules" / "appium" / "index.js"
    return Program(
        ["node", entry, "server", "--address", "127.0.0.1", "--port", str(port), "--log-no-colors"],
        log,
        environment={"APPIUM_HOME": home},
    )


def _is_ready(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/status", timeout=ANSWER_SECONDS) as answer:  # noqa: S310
            return bool(json.load(answer)["value"]["ready"])
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False
