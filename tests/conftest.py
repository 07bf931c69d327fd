"""Fixtures that every test folder shares."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from machine import require

REPOSITORY = Path(__file__).resolve().parent.parent
SHARED_DATA = REPOSITORY.parent / "shared" / "data"

settings.register_profile(
    "house", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("house")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of the real data that is never part of the repository."""
    require(SHARED_DATA.is_dir(), "the real data of ../shared/data is not on this machine")
    return SHARED_DATA
