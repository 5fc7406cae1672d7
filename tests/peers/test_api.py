"""The whole API as schemathesis sees it: every operation, every check, on both kinds of store."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from server import running_server, store_addresses

HERE = Path(__file__).parent
LONGEST_SECONDS = 100
EXAMPLES = os.environ.get("DECORUM_API_EXAMPLES", "8")


@pytest.mark.parametrize("kind", ["sqlite", "mongodb"])
def test_the_api_keeps_what_its_description_promises(kind: str, tmp_path: Path, logs: Path) -> None:
    """No answer is a 5xx, none is undescribed, and nothing that is described is refused."""
    addresses = store_addresses(tmp_path)
    if kind not in addresses:
        pytest.skip("no MongoDB server is named; run scripts/test-peers")
    with running_server(addresses[kind], tmp_path, logs / f"api-{kind}.log", guarded=True) as api:
        ended = subprocess.run(
            [
                str(Path(sys.executable).parent / "schemathesis"),
                f"--config-file={HERE / 'schemathesis.toml'}",
                "run",
                f"{api.url}/api/openapi.json",
                f"--header=Authorization: Bearer {api.token}",
                # It never ends by itself; the tests of crates/decorum-server follow it.
                "--exclude-path=/api/stream",
                f"--max-examples={EXAMPLES}",
                "--seed=1",
                "--no-color",
            ],
            capture_output=True,
            text=True,
            timeout=LONGEST_SECONDS,
            cwd=tmp_path,
        )
        audit = api.ask("GET", "/api/audit/verify")
    (logs / f"schemathesis-{kind}.log").write_text(ended.stdout + ended.stderr)
    assert ended.returncode == 0, ended.stdout[-6000:] + ended.stderr[-2000:]
    # Whatever it did: the log is whole.
    assert audit["intact"], audit["findings"]
