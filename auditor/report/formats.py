"""The table of formats. Each is imported only when it is asked for."""

from __future__ import annotations

import importlib
from dataclasses import dataclass

from .source import Reported


@dataclass(frozen=True)
class Format:
    """One format: which module renders it, and for whom."""

    module: str
    """Below `auditor.report`; its `render(Reported)` returns the file's text or bytes."""
    help: str


FORMATS: dict[str, Format] = {
    "html": Format("html.page", "for people: one page, without a network and without scripts of others"),
    "markdown": Format("markdown", "for people, as report.md of an audit's folder"),
    "json": Format("payload", "the manifest's own bytes"),
    "sarif": Format("results", "for code scanning (SARIF 2.1.0)"),
    "junit": Format("suites", "for test reports (JUnit)"),
}
"""Name, as `--format` takes it, to the format."""


def render(name: str, reported: Reported) -> bytes:
    """The whole file. Raises UsageError where a format cannot tell what the manifest holds."""
    module = importlib.import_module(f".{FORMATS[name].module}", __package__)
    found: str | bytes = module.render(reported)
    return found.encode() if isinstance(found, str) else found
