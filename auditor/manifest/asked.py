"""What an audit was asked to do: a gate refuses a manifest whose options its policy does not allow."""

from __future__ import annotations

from .parts import Part, Severity


class Asked(Part):
    """The options of an audit that decide what it measures, and what counts."""

    frameworks: list[str] = []
    """The frameworks that were named; empty for all."""
    only: list[str] = []
    """The checks of `--check`; empty for all of the tier."""
    skip: list[str] = []
    """The checks of `--skip`."""
    require: list[str] = []
    """The checks of `--require`."""
    fail_on: Severity = "high"
    """The least severity that counts for the audit's own exit code."""
    count_unknown_reach: bool = False
    """Whether a release's defect counts there if its reach is unknown."""
    require_deterministic: bool = False
    """Whether a documented deviation keeps its severity although the framework's own switch cures it."""
    all_cases: bool = False
    """Whether every case of every operator was measured."""
    runs: int = 0
    """The least number of repeats and processes; 0 for what each check declares."""
    severities: str = ""
    """The digest of the table of severities that applied."""
