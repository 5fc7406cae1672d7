"""Alerts of the system, seen and answered by the alert commands."""

from __future__ import annotations

import pytest
from appium.webdriver.common.appiumby import AppiumBy
from appium.webdriver.webdriver import WebDriver
from selenium.common.exceptions import NoAlertPresentException
from selenium.webdriver.support import expected_conditions as until

from client import open_profile, wait_for, waiting


def test_where_there_is_no_alert_the_client_is_told_so(driver: WebDriver) -> None:
    """The error is the one the client knows, not just any."""
    with pytest.raises(NoAlertPresentException):
        _ = driver.switch_to.alert.text


@pytest.mark.scenario("alert_at_start")
@pytest.mark.parametrize("answer", ["accept", "dismiss"])
def test_an_alert_is_read_answered_and_gone(driver: WebDriver, answer: str) -> None:
    """After the answer the app is there again."""
    alert = waiting(driver).until(until.alert_is_present())
    assert "Photos are full" in alert.text
    assert "Free some space" in alert.text

    if answer == "accept":
        alert.accept()
    else:
        alert.dismiss()

    with pytest.raises(NoAlertPresentException):
        _ = driver.switch_to.alert.text
    open_profile(driver, "ines.keramik")
    wait_for(driver, AppiumBy.ACCESSIBILITY_ID, "user-detail-header-follow-button")
