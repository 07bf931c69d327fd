"""Run a district of 500 hamlets, 2 million samples and four carriers, and print what each stage costs.

`python benchmarks/district.py FOLDER` makes the district with the built-in generator in FOLDER where it is missing (two
CPU minutes), does everything of `lomsong run` but the writing, and prints per stage:

seconds    on the clock
CPU-s      of all threads
peak       memory of the process so far, at its highest [GB]

`--until assess` leaves siting out. The bars are for stage `assess` on two cores: 120 seconds and 2 GB.
"""

import argparse
import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from lomsong import pipeline, provenance
from lomsong.config import load
from lomsong.demo import World, make
from lomsong.demo.world import DEFAULT_CARRIERS

HAMLETS = 500
SEED = 500
LIMIT_S = 120.0
LIMIT_GB = 2.0
KIB_PER_GB = 1e9 / 1024


class Enough(Exception):  # noqa: N818 -- not an error: the last wanted stage is over
    """Leave the pipeline after the last stage that was asked for."""


class Watch(provenance.Clock):
    """Print each stage when it ends."""

    until: str | None = None

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Measure what happens inside."""
        cpu = time.process_time()
        with super().stage(name):
            yield
        seconds, cpu = self.seconds[name], time.process_time() - cpu
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KIB_PER_GB
        print(f"{name:<12} {seconds:8.1f} {cpu:8.1f} {peak:8.2f}", flush=True)
        if name == "assess":
            held = seconds <= LIMIT_S and peak <= LIMIT_GB
            print(f"{'':<12} {'held' if held else 'MISSED'}: {LIMIT_S:g} s, {LIMIT_GB:g} GB")
        if name == self.until:
            raise Enough


def district() -> World:
    """Return the built-in district, four times as large and with 14 times the phones."""
    times = HAMLETS / World.hamlets
    return World(
        size_m=World.size_m * times**0.5,
        hamlets=HAMLETS,
        communes=round(World.communes * times),
        devices=6000,
        through_devices=600,
        drive_communes=round(World.drive_communes * times),
        team_hamlets=round(World.team_hamlets * times),
        no_grid_hamlets=round(World.no_grid_hamlets * times),
        carriers=tuple(replace(c, sites=round(c.sites * times)) for c in DEFAULT_CARRIERS),
    )


def main() -> None:
    """Print a row per stage."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--until", help="last stage; default: all")
    chosen = parser.parse_args()
    project = chosen.folder / "project.toml"
    if not project.is_file():
        make(chosen.folder, world=district(), seed=SEED)
    Watch.until = chosen.until
    provenance.Clock = Watch  # type: ignore[misc] # the pipeline's own clock tells no CPU time
    print(f"{'stage':<12} {'seconds':>8} {'CPU-s':>8} {'peak GB':>8}")
    try:
        result = pipeline.compute(load(project))
    except Enough:
        return
    print({name: result.manifest["counts"][name] for name in ("hamlets", "clusters", "samples")})


if __name__ == "__main__":
    main()
