"""Pictures of the simulated phone, taken as any client takes them: python screenshots.py FOLDER."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from appium.webdriver.common.appiumby import AppiumBy
from appium.webdriver.webdriver import WebDriver

from client import Route, open_profile, session, wait_for, wait_for_label
from phone import running_phone

SCENARIOS = Path(__file__).parent / "scenarios"
WHO = "ines.keramik"
FOLLOW = "user-detail-header-follow-button"


def take(driver: WebDriver, file: Path) -> None:
    """Take one picture and say where it is."""
    file.write_bytes(driver.get_screenshot_as_png())
    print(file)


def main(folder: Path) -> None:
    """Walk through the app and take a picture of each stop."""
    logs = Path(os.environ.get("DECORUM_PEERS_LOGS", str(folder)))
    with (
        running_phone(SCENARIOS / "calm.toml", logs / "screenshots.log") as phone,
        session(Route(server=phone.url, agent=None)) as driver,
    ):
        take(driver, folder / "feed.png")
        open_profile(driver, WHO)
        button = wait_for(driver, AppiumBy.ACCESSIBILITY_ID, FOLLOW)
        take(driver, folder / "profile.png")
        button.click()
        wait_for_label(driver, AppiumBy.ACCESSIBILITY_ID, FOLLOW, "Following")
        take(driver, folder / "profile-followed.png")
    with (
        running_phone(SCENARIOS / "alert_at_start.toml", logs / "screenshots.log") as phone,
        session(Route(server=phone.url, agent=None)) as driver,
    ):
        take(driver, folder / "alert.png")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
