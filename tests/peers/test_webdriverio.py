"""The official JavaScript client on both ways to the phone."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

from client import Route
from phone import Phone
from processes import DidNotStart

WHO = "ines.keramik"
VISIT = Path(__file__).parent / "webdriverio" / "visit.mjs"
VISIT_SECONDS = 90


def test_webdriverio_finds_reads_and_follows_exactly_once(route: Route, phone: Phone) -> None:
    """It sees the same button in every way it knows to look, and the ledger has one follow."""
    folder = os.environ.get("DECORUM_WEBDRIVERIO_DIR")
    if folder is None:
        raise DidNotStart("DECORUM_WEBDRIVERIO_DIR names no folder; run scripts/test-peers")

    done = subprocess.run(
        ["node", VISIT, route.server, route.agent or "-", WHO],  # noqa: S607 (the node on the path)
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=VISIT_SECONDS,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    before = f"Follow {WHO}"
    assert seen == {
        "before": before,
        "predicate": before,
        "chain": before,
        "xpath": before,
        "nobody": False,
        "displayed": True,
        "after": "Following",
        "source": True,
        "picture": "PNG",
        "window": {"width": 390, "height": 844},
    }
    [entry] = phone.ledger()
    assert (entry["target_username"], entry["action"]) == (WHO, "follow")
