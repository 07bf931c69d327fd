"""Judge all carriers and clusters of a hamlet together: one posterior of levels, from which every probability follows."""

from lomsong.assess.joint.newcomer import Newcomer
from lomsong.assess.joint.places import Silences
from lomsong.assess.joint.posterior import Foretold, Together, judge_together
from lomsong.assess.joint.question import Question

__all__ = ["Foretold", "Newcomer", "Question", "Silences", "Together", "judge_together"]
