"""
The common design of such a service, for comparison.

One process of FastAPI, an asynchronous MongoDB driver, and a dictionary of refusals. It does what
its makers would do: parameters and answers are typed, the lookup goes by a unique index, uvloop and
httptools are installed, nothing is logged, and a refusal is remembered until it expires or for five
minutes. It is one process because of the dictionary: a second one would not know what the first has
learned.

    python app.py MONGODB-URI DATABASE

prints where it listens.
"""

import socket
import sys
import time
from datetime import UTC, datetime
from typing import Annotated, Literal

import uvicorn
from fastapi import FastAPI, Query
from pydantic import BaseModel
from pymongo import AsyncMongoClient

CACHE_SECONDS = 300

Name = Annotated[str, Query(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._-]+$")]
Action = Literal["follow", "like", "comment", "view"]


class Check(BaseModel):
    """Whether a person may be engaged, and if not, why and until when."""

    engage: bool
    reason: str | None = None
    retry_at: datetime | None = None


def service(uri: str, database: str) -> FastAPI:
    """Answer from this database."""
    app = FastAPI()
    client: AsyncMongoClient = AsyncMongoClient(uri, tz_aware=True)
    latest = client[database]["interactions_latest"]
    refusals: dict[tuple[str, str, str], tuple[float, Check]] = {}

    @app.get("/api/check")
    async def check(account_id: Name, target_username: Name, action: Action) -> Check:
        key = (account_id, target_username, action)
        remembered = refusals.get(key)
        if remembered and time.time() < remembered[0]:
            return remembered[1]
        found = await latest.find_one(
            {
                "account_id": account_id,
                "target_username": target_username,
                "action": action,
            }
        )
        now = datetime.now(UTC)
        if found is None or found["expires_at"] <= now:
            return Check(engage=True)
        refusal = Check(engage=False, reason="already_engaged", retry_at=found["expires_at"])
        until = min(found["expires_at"].timestamp(), time.time() + CACHE_SECONDS)
        refusals[key] = (until, refusal)
        return refusal

    return app


def main() -> None:
    """Listen, say where, and serve until killed."""
    uri, database = sys.argv[1:]
    listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
    print(f"http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    config = uvicorn.Config(service(uri, database), log_level="warning", access_log=False)
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
