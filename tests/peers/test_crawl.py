"""A list of people read by a worker through the real Appium server, beside one without it."""

from __future__ import annotations

import time
from contextlib import ExitStack
from pathlib import Path

from client import Route
from decorum import Decorum
from phone import Phone, running_phone

WITHIN_SECONDS = 90.0
FOLLOWERS = 60
ENGAGED = 5

# Rows come in pages and again, and trade places; people are only suggested below the last.
SCENARIO = f"""
account = 'studio.nord'
[lists]
page_size = 20
repeats = 2
reorder = 3
suggestions = 5
[[people]]
username = 'crowd'
followers = {FOLLOWERS}
[population]
list_length = {FOLLOWERS}
"""


def look_and_engage(decorum: Decorum, route: Route, log: Path) -> None:
    """Read the whole list, then follow the first few of it, with a worker."""
    added = decorum.command("device", "add", route.server, *decorum.device(route)[2:], *ACCOUNT)
    assert added.code == 0, added.err
    source = ("--source", "followers-of:crowd")
    engaging = ("--action", "follow", "--limit", str(ENGAGED))
    for command in (
        ("crawl", "--id", "look", *ACCOUNT, *source),
        ("task", "submit", "--id", "engage", *ACCOUNT, *engaging, *source),
    ):
        asked = decorum.command(*command)
        assert asked.code == 0, asked.err
    with decorum.worker(log):
        deadline = time.monotonic() + WITHIN_SECONDS
        for name in ("look", "engage"):
            while (task := decorum.task(name))["state"] != "succeeded":
                assert time.monotonic() < deadline, task
                time.sleep(0.2)


ACCOUNT = ("--account", "studio.nord")


def engaged(phone: Phone) -> list[tuple[str, ...]]:
    """Return what was done to people, by the phone's own account."""
    kept = ("account_id", "target_username", "action", "effect")
    return [tuple(str(entry[name]) for name in kept) for entry in phone.ledger()]


def test_a_crawl_through_appium_finds_whom_a_crawl_without_it_finds(
    appium: str, logs: Path, tmp_path: Path
) -> None:
    """Everybody once, in the same order; and the task after it engages the same people."""
    scenario = tmp_path / "scenario.toml"
    scenario.write_text(SCENARIO)
    with ExitStack() as stack:
        found: list[list[str]] = []
        ledgers: list[list[tuple[str, ...]]] = []
        for way in ("direct", "appium"):
            log = logs / f"crawl-{way}.log"
            phone = stack.enter_context(running_phone(scenario, log))
            route = Route(phone.url, None) if way == "direct" else Route(appium, phone.url)
            home = tmp_path / way
            home.mkdir()
            decorum = Decorum(home)
            look_and_engage(decorum, route, logs / f"crawl-{way}-worker.log")
            found.append(decorum.candidates("look"))
            ledgers.append(engaged(phone))

    for names in found:
        assert len(names) == len(set(names)) == FOLLOWERS
    assert found[0] == found[1]
    assert len(ledgers[0]) == ENGAGED
    assert ledgers[0] == ledgers[1]
