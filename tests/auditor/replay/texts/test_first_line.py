"""The first line of stdout that differs is shown, whatever differs in it."""

import hashlib
from dataclasses import replace

import pytest
from made_runs import Made, series

from auditor.replay.runs.output import Printed
from auditor.replay.texts.first_line import first_line


@pytest.mark.parametrize(
    ("texts", "shown"),
    [
        (("a\nb 1\nc", "a\nb 1\nc"), None),
        (("a\nb 1\nc", "a\nother\nd"), (2, "b 1", "other")),
        (("a", "a", "a\nmore"), (2, "", "more")),
        (("a\0b", "a\0c"), None),
    ],
)
def test_the_first_line_of_a_run_that_differs(tmp_path, texts, shown):
    """Of the first run whose stdout differs; nothing of what is no text."""
    runs = []
    for run, text in zip(series(tmp_path, *(Made() for _ in texts)), texts, strict=True):
        run.stdout.path.write_text(text)
        digest = hashlib.sha256(text.encode()).hexdigest()
        runs.append(replace(run, stdout=Printed(run.stdout.path, digest, len(text))))
    found = [(one.line, one.first, one.second) for one in first_line(runs)]

    assert ([shown] if shown else []) == found
