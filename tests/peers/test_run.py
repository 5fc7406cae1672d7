"""A whole run of Decorum through the real Appium server, beside one without it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from client import Route
from decorum import Decorum, Ended
from phone import Phone, running_phone

WHO = "account = 'studio.nord'\n"
PEOPLE = ["ines.keramik", "lou.atelier", "mara.glas", "tom.holz", "zoe.papier", "yan.stein"]
FOUR_ACTIONS = "follow,like,comment,view"
PERSON_NEEDED = 6


@dataclass(frozen=True)
class Took:
    """What one run came to."""

    ended: Ended
    ledger: list[tuple[str, ...]]
    log: list[tuple[str, ...]]


@contextmanager
def phones(scenario: Path, logs: Path, name: str) -> Iterator[tuple[Phone, Phone]]:
    """Start two phones that play the same."""
    with ExitStack() as stack:
        direct, behind = (
            stack.enter_context(running_phone(scenario, logs / f"phone-{name}-{way}.log"))
            for way in ("direct", "appium")
        )
        yield direct, behind


def take(decorum: Decorum, route: Route, phone: Phone, actions: str, people: list[str]) -> Took:
    """Run, and say what the phone and the log have then."""
    ended = decorum.run(route, actions, people, "--comment", "What a glaze!")
    kept = ("account_id", "target_username", "action", "effect")
    ledger = [tuple(str(entry[name]) for name in kept) for entry in phone.ledger()]
    return Took(ended, ledger, [told(event) for event in decorum.events()])


def told(event: dict[str, Any]) -> tuple[str, ...]:
    """Return what an event says that does not depend on the time or the way."""
    kept = ("account_id", "target_username", "action", "status", "reason", "error_class")
    return tuple(str(event.get(name)) for name in kept)


CASES = {
    "calm": ("", FOUR_ACTIONS, 0),
    "rate-limit": (
        "[[faults]]\nkind = 'rate_limit'\nat_act = 3\nfor_seconds = 1\n",
        "follow,like",
        0,
    ),
    "challenge": ("[[faults]]\nkind = 'challenge'\nat_act = 4\n", "follow", PERSON_NEEDED),
    "lost-session": ("[[faults]]\nkind = 'session_lost'\nat_request = 25\n", "follow,like", 0),
    "stale-element": (
        "[[faults]]\nkind = 'stale_element'\nroute = 'click'\ntimes = 2\n",
        "follow",
        0,
    ),
    "silent-revert": (
        "[[faults]]\nkind = 'silent_revert'\naction = 'follow'\nat_act = 2\nrevert_after_ms = 60\n",
        "follow",
        0,
    ),
    "prompt": ("[[faults]]\nkind = 'interstitial'\nprompt = 'tracking'\n", "follow", 0),
    "spanish": ("language = 'es'\n", "follow,like", 0),
}


@pytest.mark.parametrize("case", CASES)
def test_a_run_through_appium_does_what_a_run_without_it_does(
    case: str, appium: str, logs: Path, tmp_path: Path
) -> None:
    """The ledger of the phone and the log come out the same, and nobody is engaged twice."""
    faults, actions, code = CASES[case]
    scenario = tmp_path / "scenario.toml"
    # Keys of the top level come first in the file.
    scenario.write_text(WHO + faults)
    homes = [tmp_path / "direct", tmp_path / "behind"]
    for home in homes:
        home.mkdir()

    with phones(scenario, logs, case) as (direct, behind):
        routes = [Route(direct.url, None), Route(appium, behind.url)]
        runs = [
            take(Decorum(home), route, phone, actions, PEOPLE)
            for home, route, phone in zip(homes, routes, (direct, behind), strict=True)
        ]

    for run in runs:
        assert run.ended.code == code, run.ended.err
        effects = [entry[:3] for entry in run.ledger if entry[3] in {"applied", "requested"}]
        assert effects, "nothing was done"
        assert len(effects) == len(set(effects)), "somebody was engaged twice"
    assert runs[0].ledger == runs[1].ledger
    assert runs[0].log == runs[1].log
    if code == PERSON_NEEDED:
        assert "person" in runs[1].ended.err or "challenge" in runs[1].ended.out


def test_a_session_that_appium_ended_for_being_idle_is_opened_again(
    phone: Phone, appium: str, tmp_path: Path
) -> None:
    """Appium waits a second for a command; Decorum waits two between two people."""
    decorum = Decorum(tmp_path)
    assert decorum.command("settings", "set", "min_seconds_between_actions=2").code == 0
    route = Route(appium, phone.url)

    run = decorum.run(route, "follow", PEOPLE[:3], idle_seconds=1)

    assert run.code == 0, run.err
    effects = [str(entry["target_username"]) for entry in phone.ledger()]
    assert effects == PEOPLE[:3]
    assert any(event["status"] == "retry" for event in decorum.events()), "no session was ended"


def test_a_second_run_through_appium_does_not_touch_the_phone(
    phone: Phone, appium: str, tmp_path: Path
) -> None:
    """Everybody is refused from memory, so no session is opened."""
    decorum = Decorum(tmp_path)
    route = Route(appium, phone.url)
    assert decorum.run(route, "follow", PEOPLE[:2]).code == 0
    before = phone.requests()

    again = decorum.run(route, "follow", PEOPLE[:2])

    assert again.code == 0, again.err
    assert phone.requests() == before
    assert len(again.json()["refused"]) == 2


def test_what_is_wrong_with_the_way_to_the_phone_is_said(
    phone: Phone, appium: str, tmp_path: Path
) -> None:
    """Each rung that can break is named, with what to do."""
    decorum = Decorum(tmp_path)
    good = decorum.command("doctor", *decorum.device(Route(appium, phone.url)))
    assert good.code == 0, good.out
    assert "Appium" in good.out

    nobody = "http://127.0.0.1:9"
    without_appium = decorum.command("doctor", *decorum.device(Route(nobody, phone.url)))
    assert without_appium.code == 7
    assert f"{nobody}" in without_appium.out
    assert "check the URL and that the server is running" in without_appium.out

    without_agent = decorum.command("doctor", *decorum.device(Route(appium, nobody)))
    assert without_agent.code == 7
    assert "FAIL session" in without_agent.out, without_agent.out
    assert "WebDriverAgent behind it does not answer" in without_agent.out, without_agent.out
