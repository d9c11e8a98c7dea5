"""The facts of a recorded run: what its processes read at exit (`checks/recorders/replay/python/exit_facts.py`)."""

from __future__ import annotations

from collections.abc import Mapping

from ...catalogue import catalogue
from ...manifest.models import Fact
from ...privacy.modes import Privacy
from ...real_run import recordings
from ...real_run.recordings import Process
from ...real_run.run import main_process, of_the_machine
from .run import FACTS, Run

KEPT_ROLES = ("software", "machine")
"""Times, loads and identities say nothing about numbers, and would differ between any two traces."""


def facts_of(run: Run) -> Mapping[str, Fact]:
    """
    The facts of the process that represents the run, without secrets; names of people and hosts are tokens.

    Empty if none was recorded (`Setup.facts`), or if that process did not end in an ordinary way.
    """
    return process_of(run)[1]


def process_of(run: Run) -> tuple[Process | None, Mapping[str, Fact]]:
    """That process, and its facts with those of the machine."""
    folder = run.folder / FACTS
    if not folder.is_dir():
        return None, {}
    privacy = Privacy()
    found, _ = recordings.read(folder, catalogue.load(only_facts=True).groups, privacy)
    main = main_process(found, run.pid)
    if main is None:
        return None, {}
    both = {**main.facts, **of_the_machine(privacy)}
    return main, {key: fact for key, fact in both.items() if fact.role in KEPT_ROLES}
