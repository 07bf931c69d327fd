"""Worlds that the tests of the generator share."""

import dataclasses

import pytest

from lomsong import demo

SMALL = demo.World(
    size_m=11_000.0,
    communes=3,
    hamlets=14,
    no_grid_hamlets=2,
    carriers=tuple(
        dataclasses.replace(carrier, sites=sites)
        for carrier, sites in zip(demo.World().carriers, (3, 2, 2, 1), strict=True)
    ),
    devices=60,
    through_devices=10,
    drive_communes=1,
    team_hamlets=3,
)


@pytest.fixture(scope="session")
def small_world() -> demo.World:
    """Knobs of a world that is made in a second or two."""
    return SMALL


@pytest.fixture(scope="session")
def small() -> demo.District:
    """A small world."""
    return demo.generate(SMALL, seed=5)


@pytest.fixture(scope="session")
def shipped() -> demo.District:
    """The district that ships, made anew."""
    return demo.generate()
