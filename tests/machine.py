"""Ask for what a machine may lack: a browser, the real data."""

import os

import pytest


def require(present: bool, reason: str) -> None:  # noqa: FBT001 -- reads as a sentence at the call
    """Skip with the reason on a user's machine, fail in CI, where everything has to be there."""
    if present:
        return
    if os.environ.get("CI"):
        pytest.fail(f"CI lacks it: {reason}")
    pytest.skip(reason)
