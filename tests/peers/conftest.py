"""Fixtures: a phone of its own for each test, one Appium server for all of them."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from appium.webdriver.webdriver import WebDriver

from appium_server import running_appium
from client import Route, session
from phone import Phone, running_phone

SCENARIOS = Path(__file__).parent / "scenarios"


@pytest.fixture(scope="session")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder that the logs of the servers go to."""
    named = os.environ.get("DECORUM_PEERS_LOGS")
    return Path(named) if named else tmp_path_factory.mktemp("logs")


@pytest.fixture(scope="session")
def appium(logs: Path) -> Iterator[str]:
    """Return the address of the one Appium server."""
    with running_appium(logs / "appium.log") as url:
        yield url


@pytest.fixture
def scenario(request: pytest.FixtureRequest) -> Path:
    """Return the file the phone plays: `calm`, unless the test is marked with another."""
    marker = request.node.get_closest_marker("scenario")
    return SCENARIOS / f"{marker.args[0] if marker else 'calm'}.toml"


@pytest.fixture
def phone(request: pytest.FixtureRequest, scenario: Path, logs: Path) -> Iterator[Phone]:
    """Return a phone that nobody has touched."""
    name = re.sub(r"[^a-z0-9]+", "-", request.node.name.lower()).strip("-")
    with running_phone(scenario, logs / f"phone-{name}.log") as started:
        yield started


@pytest.fixture(params=["direct", "appium"])
def route(request: pytest.FixtureRequest, phone: Phone) -> Route:
    """Return both ways to the phone, one after the other: each test is run on each."""
    if request.param == "direct":
        return Route(server=phone.url, agent=None)
    return Route(server=request.getfixturevalue("appium"), agent=phone.url)


@pytest.fixture
def driver(route: Route) -> Iterator[WebDriver]:
    """Return an open session of the Appium client."""
    with session(route) as opened:
        yield opened


@pytest.fixture
def sessions(route: Route) -> Iterator[Callable[[], WebDriver]]:
    """Return a way to open further sessions; all are closed afterwards."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(session(route))
