"""Programs that the tests start, and that are gone when the tests are."""

from __future__ import annotations

import ctypes
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

STOP_SECONDS = 10.0
LOG_LINES_SHOWN = 40
PR_SET_PDEATHSIG = 1


class DidNotStart(RuntimeError):
    """The program ended, or said nothing of use, before it was ready."""


def free_port() -> int:
    """Return a loopback port that nobody listens on; somebody else may take it a moment later."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _die_with_the_parent() -> None:
    """Have the kernel end this child when the process that started it ends, however it ends."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


class Program:
    """A running program whose standard error (and output, if unread) goes to a log file."""

    def __init__(
        self,
        command: Sequence[str | Path],
        log: Path,
        environment: Mapping[str, str] | None = None,
        read_output: bool = False,
    ) -> None:
        log.parent.mkdir(parents=True, exist_ok=True)
        self.name = Path(command[0]).name
        self.log = log
        with log.open("wb") as sink:
            self._process = subprocess.Popen(
                [str(word) for word in command],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE if read_output else sink,
                stderr=sink,
                env={**os.environ, **(environment or {})},
                preexec_fn=_die_with_the_parent,
            )

    def first_line(self, seconds: float) -> str:
        """Return the first line of standard output."""
        assert self._process.stdout is not None, "its output is not read"
        ready, _, _ = select.select([self._process.stdout], [], [], seconds)
        line = self._process.stdout.readline().decode().strip() if ready else ""
        if not line:
            raise DidNotStart(self._trouble(f"said nothing on standard output in {seconds:.0f} s"))
        return line

    def wait_until(self, is_ready: Callable[[], bool], seconds: float) -> None:
        """Ask again and again whether it is ready."""
        deadline = time.monotonic() + seconds
        while not is_ready():
            if self._process.poll() is not None:
                raise DidNotStart(self._trouble(f"ended with {self._process.returncode}"))
            if time.monotonic() > deadline:
                raise DidNotStart(self._trouble(f"was not ready in {seconds:.0f} s"))
            time.sleep(0.05)

    def stop(self) -> None:
        """End this one process: politely, and when that is not heard, for good."""
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait(STOP_SECONDS)
        if self._process.stdout is not None:
            self._process.stdout.close()

    def __enter__(self) -> Self:
        """Hand over the running program."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End it, whatever happened."""
        self.stop()

    def _trouble(self, what: str) -> str:
        tail = self.log.read_text(errors="replace").splitlines()[-LOG_LINES_SHOWN:]
        return "\n".join([f"{self.name} {what}; its log ({self.log}) ends with:", *tail])
