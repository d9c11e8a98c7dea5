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
    packs: bool = False
    """Whether it holds files of the audit's folder: these are verified, and the module has a `write`, too."""


FORMATS: dict[str, Format] = {
    "html": Format("html.page", "for people: one page, without a network and without scripts of others"),
    "markdown": Format("markdown", "for people, as report.md of an audit's folder"),
    "json": Format("payload", "the manifest's own bytes"),
    "sarif": Format("results", "what counts under the gate's defaults, for code scanning (SARIF 2.1.0)"),
    "junit": Format("suites", "the rules of the gate under its defaults, for test reports (JUnit)"),
    "latex": Format("paper.latex", "an appendix and macros for a paper (LaTeX)"),
    "cite": Format("paper.cite", "a paragraph to cite, as text"),
    "cite-markdown": Format("paper.cite_markdown", "the same as Markdown"),
    "cite-latex": Format("paper.cite_latex", "the same as LaTeX"),
    "line": Format("line", "one line with the digest and how to verify it"),
    "badge": Format("badge", "an SVG image with date, tier and outcome"),
    "checklist": Format("checklists.draft", "draft answers for the checklists of conferences (Markdown)"),
    "ro-crate": Format(
        "crate.pack", "all files with their description, for an archive (Process Run Crate)", packs=True
    ),
    "cyclonedx": Format("components", "packages, system and hardware as a bill of materials (CycloneDX 1.6)"),
}
"""Name, as `--format` takes it, to the format."""


def render(name: str, reported: Reported) -> bytes:
    """The whole file. Raises UsageError where a format cannot tell what the manifest holds."""
    module = importlib.import_module(f".{FORMATS[name].module}", __package__)
    found: str | bytes = module.render(reported)
    return found.encode() if isinstance(found, str) else found
