"""The examples for automators in other languages, unmodified, against the simulated phone."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from phone import Phone
from server import Server, running_server, store_addresses

EXAMPLES = Path(__file__).parents[2] / "examples"
PEOPLE = [f"person.{n}" for n in range(1, 6)]
RUN_SECONDS = 90


@pytest.fixture
def api(tmp_path: Path, logs: Path) -> Iterator[Server]:
    """Return a server whose accounts need not wait between two acts."""
    store = store_addresses(tmp_path)["sqlite"]
    with running_server(store, tmp_path, logs / "sidecar-api.log") as started:
        started.change_settings(min_seconds_between_actions=0, claim_lease_seconds=5)
        yield started


def automator(api: Server, phone: Phone) -> subprocess.Popen[str]:
    """Start the example in Python."""
    command = [sys.executable, str(EXAMPLES / "sidecar.py"), "--decorum", api.url]
    command += ["--phone", phone.url, "--account", "studio.nord", *PEOPLE]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def run(api: Server, phone: Phone) -> str:
    """Run it to its end, and return what it said."""
    running = automator(api, phone)
    said, _ = running.communicate(timeout=RUN_SECONDS)
    assert running.returncode == 0, said
    return said


def follows(phone: Phone) -> Counter[str]:
    """Count who was followed how often, in the phone's own words."""
    return Counter(e["target_username"] for e in phone.ledger() if e["action"] == "follow")


@pytest.mark.scenario("five")
def test_a_second_run_engages_nobody(api: Server, phone: Phone) -> None:
    """Everybody is followed once, and the second run is refused five times."""
    assert run(api, phone).count("success") == len(PEOPLE)
    assert follows(phone) == Counter(PEOPLE)

    assert run(api, phone).count("refused, already_engaged") == len(PEOPLE)
    assert follows(phone) == Counter(PEOPLE)


@pytest.mark.scenario("five")
def test_killed_in_the_middle_it_follows_nobody_twice(api: Server, phone: Phone) -> None:
    """The run that was killed leaves a claim; the next one looks at the phone and goes on."""
    running = automator(api, phone)
    deadline = time.monotonic() + RUN_SECONDS
    while len(follows(phone)) < 2 and time.monotonic() < deadline:
        time.sleep(0.02)
    running.kill()
    running.communicate()
    assert len(follows(phone)) >= 2

    run(api, phone)

    assert follows(phone) == Counter(PEOPLE)
    assert api.ask("GET", "/api/claims")["items"] == []
    assert api.ask("GET", "/api/audit/verify")["intact"]


def test_the_shell_script_asks_acts_and_reports(api: Server, tmp_path: Path) -> None:
    """What a script sees: done, refused, and a person being needed."""
    tap = tmp_path / "tap"
    tap.write_text('#!/bin/sh\necho "$1" >>"$0.log"\n[ "$#" -eq 1 ] || { echo "$2"; exit 1; }\n')
    tap.chmod(0o755)

    def ask(user: str, *said: str) -> subprocess.CompletedProcess[str]:
        script = [str(EXAMPLES / "sidecar.sh"), "studio.nord", "follow", user, str(tap), user]
        environment = {**os.environ, "DECORUM_URL": api.url}
        return subprocess.run(
            [*script, *said], capture_output=True, text=True, env=environment, timeout=60
        )

    done = ask("person.1")
    assert (done.returncode, done.stdout) == (0, "person.1: success\n"), done.stderr
    again = ask("person.1")
    assert again.returncode == 3
    assert "was engaged before" in again.stderr
    strange = ask("person.2", "Zwölf Boxkämpfer jagen Viktor")
    assert (strange.returncode, strange.stdout) == (6, "person.2: failed\n"), strange.stderr
    halted = ask("person.3")
    assert halted.returncode == 3
    assert "halted until a person clears it" in halted.stderr
    taps = Path(f"{tap}.log").read_text().split()
    assert taps == ["person.1", "person.2"]
