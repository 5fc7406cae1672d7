#!/usr/bin/env python3
"""
An automator of its own, restrained by Decorum: follow people, each once.

    decorum serve &                                     # http://127.0.0.1:7400
    decorum sim --listen 127.0.0.1:8100 &               # or a real phone
    pip install Appium-Python-Client
    python examples/sidecar.py --account studio.nord ines.keramik mo.lopez

It knows nothing of windows, budgets, backoff and hashes. It asks for a claim before each tap, says
what the app showed after it, and does what it is told. It may be killed at any moment and started
again: whoever was followed already is refused, and where nobody can tell, it looks.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
import urllib.error
import urllib.request
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from appium import webdriver
from appium.options.ios import XCUITestOptions
from appium.webdriver.common.appiumby import AppiumBy
from appium.webdriver.webdriver import WebDriver
from selenium.common.exceptions import NoAlertPresentException, NoSuchElementException

BUTTON = "user-detail-header-follow-button"
PATIENCE_SECONDS = 10.0
LONGEST_WAIT_SECONDS = 300.0


class Decorum:
    """The API, as far as an automator needs it."""

    def __init__(self, url: str, token: str | None) -> None:
        self._url = url.rstrip("/")
        self._token = token

    def ask(self, method: str, path: str, body: object = None) -> tuple[int, dict[str, Any]]:
        """Ask, and return the status and the answer; a refusal is an answer too."""
        headers = {"Content-Type": "application/json"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(  # noqa: S310 (the address is the caller's own)
            self._url + path, data=data, headers=headers, method=method
        )
        try:
            with urllib.request.urlopen(request, timeout=40) as answer:  # noqa: S310
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as refused:
            return refused.code, json.load(refused)


def state_of(driver: WebDriver, name: str) -> str | None:
    """Open somebody's page and return what the follow button says, once there is one."""
    driver.get(f"instagram://user?username={name}")
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        with suppress(NoSuchElementException):
            label = driver.find_element(AppiumBy.ACCESSIBILITY_ID, BUTTON).get_attribute("label")
            if isinstance(label, str):
                return label
        time.sleep(0.1)
    return None


def is_followed(label: str | None) -> bool:
    """Whether the button says that it is done."""
    return label in ("Following", "Requested")


def follow(driver: WebDriver, name: str) -> dict[str, Any]:
    """Follow somebody with one tap, and return what to tell Decorum."""
    label = state_of(driver, name)
    if label is None:
        return {"status": "failed", "error_class": "app"}
    if is_followed(label):
        return {"status": "skipped", "reason": "already_following"}
    driver.find_element(AppiumBy.ACCESSIBILITY_ID, BUTTON).click()
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        with suppress(NoAlertPresentException):
            # What it means is for Decorum to say.
            return {"text": driver.switch_to.alert.text, "where": "dialog"}
        with suppress(NoSuchElementException):
            button = driver.find_element(AppiumBy.ACCESSIBILITY_ID, BUTTON)
            if is_followed(button.get_attribute("label")):
                return {"status": "success"}
        time.sleep(0.1)
    return {"status": "failed", "error_class": "app"}


def settle(decorum: Decorum, driver: WebDriver, account: str) -> None:
    """Look at what an earlier run, killed between tap and report, left in doubt."""
    _, doubts = decorum.ask("GET", f"/api/claims?account_id={account}")
    for doubt in doubts["items"]:
        label = state_of(driver, doubt["target_username"])
        finding = "done" if is_followed(label) else "cannot_tell" if label is None else "not_done"
        path = f"/api/claims/{doubt['claim_id']}/reconcile"
        decorum.ask("POST", path, {"finding": finding})
        print(f"{doubt['target_username']}: looked, {finding}")


def seconds_until(retry_at: str | None) -> float | None:
    """How long to wait until asking again may help; None: not by waiting."""
    if retry_at is None:
        return None
    return max(0.0, (datetime.fromisoformat(retry_at) - datetime.now(UTC)).total_seconds())


def engage(decorum: Decorum, driver: WebDriver, account: str, name: str) -> bool:
    """Engage one person; return whether to go on."""
    wish = {"account_id": account, "target_username": name, "action": "follow"}
    while True:
        status, claim = decorum.ask("POST", "/api/claims", wish)
        if status == 201:
            break
        if status != 409 or "reason" not in claim:
            print(f"{name}: {claim['detail']}", file=sys.stderr)
            return False
        wait = seconds_until(claim.get("retry_at"))
        if claim["reason"] == "in_doubt":
            settle(decorum, driver, account)
        elif wait is not None and wait <= LONGEST_WAIT_SECONDS:
            time.sleep(wait + 0.05)
        else:
            print(f"{name}: refused, {claim['reason']}")
            return claim["reason"] not in ("account_halted", "account_cooldown")
    told = follow(driver, name)
    _, answer = decorum.ask("POST", f"/api/claims/{claim['claim_id']}/outcome", told)
    print(f"{name}: {answer['status']}")
    return bool(answer["next"] != "stop")


def main() -> int:
    """Follow the people that are named."""
    parser = argparse.ArgumentParser(description="Follow people, each once.")
    parser.add_argument("--decorum", default="http://127.0.0.1:7400")
    parser.add_argument("--phone", default="http://127.0.0.1:8100")
    parser.add_argument("--account", required=True)
    parser.add_argument("people", nargs="+")
    args = parser.parse_args()
    decorum = Decorum(args.decorum, os.environ.get("DECORUM_TOKEN"))
    options = XCUITestOptions()
    # Off a Mac the driver asks a device nothing whose identifier looks real and version is given.
    options.udid, options.platform_version = "00008110-001A2B3C4D5E6F70", "18.3"
    driver = webdriver.Remote(args.phone, options=options)
    try:
        settle(decorum, driver, args.account)
        for name in args.people:
            if not engage(decorum, driver, args.account, name):
                return 1
    finally:
        driver.quit()
    return 0


if __name__ == "__main__":
    sys.exit(main())
