"""Fixtures that every test folder shares."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

REPOSITORY = Path(__file__).resolve().parent.parent
SHARED_DATA = REPOSITORY.parent / "shared" / "data"

settings.register_profile(
    "house", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("house")


def require(present: bool, reason: str) -> None:  # noqa: FBT001 -- reads as a sentence at the call
    """Skip with the reason on a user's machine, fail in CI, where everything has to be there."""
    if present:
        return
    if os.environ.get("CI"):
        pytest.fail(f"CI lacks it: {reason}")
    pytest.skip(reason)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of the real data that is never part of the repository."""
    require(SHARED_DATA.is_dir(), "the real data of ../shared/data is not on this machine")
    return SHARED_DATA
