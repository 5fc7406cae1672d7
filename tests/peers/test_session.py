"""Sessions: opened, ended, and forgotten."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from appium.webdriver.common.appiumby import AppiumBy
from appium.webdriver.webdriver import WebDriver
from selenium.common.exceptions import InvalidSessionIdException, NoSuchElementException


def test_a_session_that_was_ended_is_unknown(sessions: Callable[[], WebDriver]) -> None:
    """A command of a session that is over is refused with the error the client knows."""
    driver = sessions()
    ended = driver.session_id
    assert ended is not None
    driver.quit()

    driver.session_id = ended
    with pytest.raises(InvalidSessionIdException):
        _ = driver.page_source


def test_an_element_that_is_not_there_is_not_found(driver: WebDriver) -> None:
    """The error names the thing as missing, so that a wait can go on."""
    with pytest.raises(NoSuchElementException):
        driver.find_element(AppiumBy.ACCESSIBILITY_ID, "no-such-thing")
    assert driver.find_elements(AppiumBy.ACCESSIBILITY_ID, "no-such-thing") == []
