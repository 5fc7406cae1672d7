"""Search: typed letter by letter into the app's own field."""

from __future__ import annotations

from appium.webdriver.common.appiumby import AppiumBy
from appium.webdriver.webdriver import WebDriver

from client import wait_for
from phone import Phone

WHO = "ines.keramik"

# The same name also stands in a suggestion to search for it, in a cell with a number for a name.
PERSON_NOT_SUGGESTION = (
    f"**/XCUIElementTypeCell[`name == 'search-collection-view-cell-{WHO}'`]"
    f"/XCUIElementTypeStaticText[`name == '{WHO}'`]"
)


def test_typing_a_name_finds_the_person(driver: WebDriver, phone: Phone) -> None:
    """The field holds what was typed, and the name among the results opens the profile."""
    wait_for(driver, AppiumBy.ACCESSIBILITY_ID, "explore-tab").click()
    wait_for(driver, AppiumBy.ACCESSIBILITY_ID, "search-bar").click()
    field = wait_for(driver, AppiumBy.CLASS_NAME, "XCUIElementTypeSearchField")

    field.send_keys(WHO)

    field = wait_for(driver, AppiumBy.CLASS_NAME, "XCUIElementTypeSearchField")
    assert field.get_attribute("value") == WHO
    wait_for(driver, AppiumBy.IOS_CLASS_CHAIN, PERSON_NOT_SUGGESTION).click()
    button = wait_for(driver, AppiumBy.ACCESSIBILITY_ID, "user-detail-header-follow-button")
    assert button.get_attribute("label") == f"Follow {WHO}"
    assert phone.ledger() == []
