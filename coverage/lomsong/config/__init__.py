"""Keep the settings of a project: one module per stage, and the file that holds them."""

from lomsong.config.inputs import (
    AreasSection,
    HamletsSection,
    PeopleSection,
    PowerSection,
    ProjectSection,
    SignalSection,
    SitesSection,
    TerrainSection,
)
from lomsong.config.judging import (
    EvidenceSection,
    LevelsSection,
    PrioritySection,
    PrivacySection,
    SurveySection,
    TechnologiesSection,
)
from lomsong.config.project import Project, Settings, language_of, load, parse
from lomsong.config.section import MastHeight, NotNegative, Patterns, Positive, Section, Share
from lomsong.config.siting import CostSection, SitingSection

__all__ = [
    "AreasSection",
    "CostSection",
    "EvidenceSection",
    "HamletsSection",
    "LevelsSection",
    "MastHeight",
    "NotNegative",
    "Patterns",
    "PeopleSection",
    "Positive",
    "PowerSection",
    "PrioritySection",
    "PrivacySection",
    "Project",
    "ProjectSection",
    "Section",
    "Settings",
    "Share",
    "SignalSection",
    "SitesSection",
    "SitingSection",
    "SurveySection",
    "TechnologiesSection",
    "TerrainSection",
    "language_of",
    "load",
    "parse",
]
