"""Somebody's profile: found, read and followed with the official client."""

from __future__ import annotations

import io

import pytest
from appium.webdriver.common.appiumby import AppiumBy
from appium.webdriver.webdriver import WebDriver
from PIL import Image, ImageChops

from client import open_profile, wait_for, wait_for_label
from phone import Phone

WHO = "ines.keramik"
FOLLOW = "user-detail-header-follow-button"
BEFORE = f"Follow {WHO}"
AFTER = "Following"
COLOURS_OF_A_PICTURE = 20

WAYS_TO_FIND_IT = {
    "accessibility id": (AppiumBy.ACCESSIBILITY_ID, FOLLOW),
    "predicate string": (
        AppiumBy.IOS_PREDICATE,
        f"type == 'XCUIElementTypeButton' AND name == '{FOLLOW}'",
    ),
    "class chain": (
        AppiumBy.IOS_CLASS_CHAIN,
        f"**/XCUIElementTypeButton[`label BEGINSWITH 'Follow ' AND name == '{FOLLOW}'`]",
    ),
    "xpath": (AppiumBy.XPATH, f"//XCUIElementTypeButton[@name='{FOLLOW}']"),
}


@pytest.mark.parametrize("way", WAYS_TO_FIND_IT)
def test_the_follow_button_is_found_and_says_whom_it_follows(driver: WebDriver, way: str) -> None:
    """Every strategy of the client leads to the same button."""
    open_profile(driver, WHO)

    button = wait_for(driver, *WAYS_TO_FIND_IT[way])

    assert button.get_attribute("label") == BEFORE
    assert button.get_attribute("name") == FOLLOW
    assert button.is_displayed()
    assert button.is_enabled()
    assert button.rect["width"] > 0
    assert button.rect["height"] > 0


def test_a_tap_follows_exactly_once(driver: WebDriver, phone: Phone) -> None:
    """The button answers, and the phone's own ledger has one follow and nothing else."""
    open_profile(driver, WHO)
    button = wait_for(driver, AppiumBy.ACCESSIBILITY_ID, FOLLOW)
    assert phone.ledger() == []

    button.click()

    wait_for_label(driver, AppiumBy.ACCESSIBILITY_ID, FOLLOW, AFTER)
    [entry] = phone.ledger()
    assert entry["account_id"] == "studio.nord"
    assert entry["target_username"] == WHO
    assert entry["action"] == "follow"


def test_the_page_source_says_the_same_as_the_elements(driver: WebDriver) -> None:
    """What is read from the whole page agrees with what is read from one element."""
    open_profile(driver, WHO)
    wait_for(driver, AppiumBy.ACCESSIBILITY_ID, FOLLOW).click()
    wait_for_label(driver, AppiumBy.ACCESSIBILITY_ID, FOLLOW, AFTER)

    source = driver.page_source

    assert f'name="{FOLLOW}"' in source
    assert f'label="{AFTER}"' in source
    assert f'label="{BEFORE}"' not in source


def test_a_screenshot_is_a_picture_of_what_is_on_the_screen(driver: WebDriver) -> None:
    """It has the size of the screen, is drawn in colours, and a tap shows where the button is."""
    open_profile(driver, WHO)
    button = wait_for(driver, AppiumBy.ACCESSIBILITY_ID, FOLLOW)
    box = button.rect
    before = picture(driver)

    button.click()
    wait_for_label(driver, AppiumBy.ACCESSIBILITY_ID, FOLLOW, AFTER)
    after = picture(driver)

    window = driver.get_window_size()
    scale = before.width / window["width"]
    assert scale in (2, 3)
    assert before.size == after.size == (window["width"] * scale, window["height"] * scale)
    colours = before.getcolors(maxcolors=before.width * before.height)
    assert colours is not None
    assert len(colours) > COLOURS_OF_A_PICTURE

    changed = ImageChops.difference(before, after)
    inside = tuple(
        round(edge * scale)
        for edge in (box["x"], box["y"], box["x"] + box["width"], box["y"] + box["height"])
    )
    assert changed.crop(inside).getbbox() is not None, "the button looks as it did"


def picture(driver: WebDriver) -> Image.Image:
    """Take a screenshot and decode all of it."""
    shot = Image.open(io.BytesIO(driver.get_screenshot_as_png()))
    assert shot.format == "PNG"
    return shot.convert("RGB")
