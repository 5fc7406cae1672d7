"""The simulated phone, as a program, with a scenario of the test's own."""

from __future__ import annotations

import json
import os
import re
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from processes import DidNotStart, Program

START_SECONDS = 20.0
ANSWER_SECONDS = 10.0


@dataclass(frozen=True)
class Phone:
    """A running simulated phone."""

    url: str

    def requests(self) -> int:
        """Return how many requests it has had, those of tests not counted."""
        return int(self._get("/sim/requests")["total"])

    def ledger(self) -> list[dict[str, Any]]:
        """Return what was done to people on this phone, in the phone's own words."""
        return cast("list[dict[str, Any]]", self._get("/sim/ledger")["items"])

    def _get(self, path: str) -> dict[str, Any]:
        with urllib.request.urlopen(  # noqa: S310 (the address is that of our own child)
            f"{self.url}{path}", timeout=ANSWER_SECONDS
        ) as answer:
            return cast("dict[str, Any]", json.load(answer))


@contextmanager
def running_phone(scenario: Path, log: Path) -> Iterator[Phone]:
    """Start a phone on a free loopback port, and stop it afterwards."""
    command: list[str | Path] = [binary(), "sim", "--listen", "127.0.0.1:0", "--scenario", scenario]
    with Program(command, log, read_output=True) as program:
        line = program.first_line(START_SECONDS)
        address = re.search(r"http://[0-9.:]+", line)
        if address is None:
            raise DidNotStart(f"the simulated phone names no address in: {line}")
        yield Phone(address.group())


def binary() -> Path:
    """Return the Decorum binary that is under test."""
    named = os.environ.get("DECORUM_BIN")
    if named is None:
        raise DidNotStart("DECORUM_BIN does not name the binary; run scripts/test-peers")
    return Path(named)
