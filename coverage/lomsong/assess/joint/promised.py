"""Ask what sites promise once, at all places that the judgement is going to ask for.

Following rays over terrain is most of the work of a district, and rays to one place lead past others.
"""

import numpy as np

from lomsong.assess.joint.places import Places
from lomsong.assess.joint.question import Question
from lomsong.assess.joint.spots import Spots
from lomsong.assess.joint.trend import Promise
from lomsong.assess.modelled import middles
from lomsong.assess.modelled.field import Expected
from lomsong.progress import SILENT, Progress, Task
from lomsong.space.crs import Floats


class Remembered:
    """A promise at the places, clusters and spots of a question.

    Parameters
    ----------
    promise
        What sites over terrain say.
    question
        Its clusters are asked for by each carrier that promises anything.
    places
        Places that teach.
    spots
        Where own samples were taken.
    progress
        Who is told how far the work is.
    """

    def __init__(
        self,
        promise: Promise,
        question: Question,
        places: Places,
        spots: Spots,
        *,
        progress: Progress = SILENT,
    ) -> None:
        self._said: dict[str, tuple[Floats, Expected]] = {}
        x, y = middles(question.clusters)
        named = zip(question.known, question.promised, strict=True)
        title = "what known sites promise"
        for number, (known, carrier) in enumerate(named):
            place, spot = places.carrier == number, spots.carrier == known
            wanted = np.unique(
                np.concatenate(
                    [
                        _complex(x, y),
                        _complex(places.x[place], places.y[place]),
                        _complex(spots.x[spot], spots.y[spot]),
                    ]
                )
            )
            with progress.task(title, unit="masts") as task:
                said = promise.at(carrier, wanted.real.copy(), wanted.imag.copy(), task=task)
            self._said[carrier] = wanted, said

    def at(self, carrier: str, x: Floats, y: Floats, *, task: Task = SILENT) -> Expected:
        """Return what is expected at some of the places; nothing is left to wait for."""
        del task
        places, said = self._said[carrier]
        return said.chosen(np.searchsorted(places, _complex(x, y)))


def _complex(x: Floats, y: Floats) -> Floats:
    """Return places as one number each, that they may be sorted and found."""
    return np.asarray(x + 1j * y)
