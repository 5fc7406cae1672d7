"""The official Appium client, on either of the two ways to the phone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from appium import webdriver
from appium.options.ios import XCUITestOptions
from appium.webdriver.client_config import AppiumClientConfig
from appium.webdriver.webdriver import WebDriver
from appium.webdriver.webelement import WebElement
from selenium.common.exceptions import InvalidSessionIdException
from selenium.webdriver.support import expected_conditions as until
from selenium.webdriver.support.wait import WebDriverWait

WAIT_SECONDS = 10.0
POLL_SECONDS = 0.1
REQUEST_SECONDS = 30

# Off a Mac the driver takes any device for real whose identifier looks like one, and asks it
# nothing as long as the version is given and no app is named.
REAL_LOOKING_UDID = "00008110-001A2B3C4D5E6F70"
PLATFORM_VERSION = "18.3"


@dataclass(frozen=True)
class Route:
    """A way to a phone: the server to talk to, and the WebDriverAgent behind it if there is one."""

    server: str
    agent: str | None


@contextmanager
def session(route: Route) -> Iterator[WebDriver]:
    """Open a session, and close it afterwards unless the test has done so itself."""
    options = XCUITestOptions()
    options.udid = REAL_LOOKING_UDID
    options.platform_version = PLATFORM_VERSION
    if route.agent is not None:
        options.web_driver_agent_url = route.agent
    config = AppiumClientConfig(remote_server_addr=route.server, timeout=REQUEST_SECONDS)
    driver = webdriver.Remote(options=options, client_config=config)
    try:
        yield driver
    finally:
        with suppress(InvalidSessionIdException):
            driver.quit()


def waiting(driver: WebDriver) -> WebDriverWait[WebDriver]:
    """Return the one way to wait: for something to be so, and not for ever."""
    return WebDriverWait(driver, WAIT_SECONDS, poll_frequency=POLL_SECONDS)


def open_profile(driver: WebDriver, username: str) -> None:
    """Open somebody's profile by deep link."""
    driver.get(f"instagram://user?username={username}")


def wait_for(driver: WebDriver, by: str, value: str) -> WebElement:
    """Wait until an element is there, and return it."""
    found = waiting(driver).until(
        until.presence_of_element_located((by, value)), f"no element by {by} {value!r}"
    )
    assert isinstance(found, WebElement)
    return found


def wait_for_label(driver: WebDriver, by: str, value: str, label: str) -> None:
    """Wait until an element says what it should."""
    waiting(driver).until(
        lambda d: d.find_element(by, value).get_attribute("label") == label,
        f"{value!r} never said {label!r}",
    )
