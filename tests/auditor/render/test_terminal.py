"""The summary on a terminal."""

import io
import re

import audit_example
import hostile
import pytest
from hypothesis import HealthCheck, given, settings
from rich.cells import cell_len

from auditor.render import terminal

ESCAPE = re.compile(r"\x1b\[[0-9;]*m")


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self):
        """Whether rich may draw on it."""
        return True


class Ascii(io.StringIO):
    """A stream that cannot carry more than ASCII."""

    encoding = "ascii"


def shown(audited=None, stream=None, paths=None):
    stream = io.StringIO() if stream is None else stream
    terminal.show(audited if audited is not None else audit_example.manifest(), stream, paths)
    return stream.getvalue()


@pytest.fixture
def colours(monkeypatch):
    """A terminal with colours, whatever the tests run in."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "80")


def test_it_fits_80_columns_and_is_plain_when_piped(monkeypatch):
    """Whatever the environment says about colours and widths."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "200")
    text = shown()

    assert all(len(line) <= 80 and line == line.rstrip() for line in text.splitlines())
    assert text.isascii()
    assert "\x1b" not in text


def test_what_is_wrong_comes_first_then_what_to_do_then_where_it_is():
    """And the counts, in one line, last: next to the prompt."""
    text = shown(paths={"report": "audits/x/report.md"})
    parts = ("What is wrong", "What to do", "What could not be measured", "Passed: python 1, torch 1", "Where it is")

    assert [text.index(part) for part in parts] == sorted(text.index(part) for part in parts)
    assert text.splitlines()[-1] == "2 passed, 3 failed, 1 inconclusive, 1 could not run, 1 not applicable."
    assert "(documented; its own switch cures it)" in text


def test_passes_are_no_wall():
    """A hundred passes take one line."""
    findings = [audit_example.FINDINGS[3]] * 100
    text = shown(findings)

    assert text.splitlines() == [
        "Passed: torch 100",
        "",
        "Every check that applies here passed (100).",
        "100 passed, 0 failed.",
    ]


@pytest.mark.usefixtures("colours")
def test_a_terminal_gets_colours():
    """The severity is red, and without the colours the words are the same."""
    text = shown(stream=Terminal())

    assert "\x1b[31mhigh" in text
    assert [line.rstrip() for line in ESCAPE.sub("", text).splitlines()] == shown().splitlines()


@pytest.mark.usefixtures("colours")
@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_no_color_is_honoured(monkeypatch, name, value):
    """No escape sequence at all."""
    monkeypatch.setenv(name, value)

    assert "\x1b" not in shown(stream=Terminal())


def test_a_stream_without_unicode_gets_escapes():
    """An ASCII pipe does not end the program."""
    finding = audit_example.FINDINGS[0].model_copy(update={"message": "é 日本"})

    assert r"\xe9 \u65e5\u672c" in shown([finding], Ascii())


def test_markup_of_rich_is_text():
    """A value in square brackets is no style."""
    finding = audit_example.FINDINGS[0].model_copy(
        update={"check": "[red]x[/red] :boom:", "message": "\x1b[2J\x07\u202e"}
    )
    text = shown([finding])

    assert "[red]x[/red] :boom:" in text
    assert r"\x1b[2J\x07\u202e" in text


@given(hostile.manifests())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
def test_no_value_moves_the_cursor(manifest):
    """Only printable characters and line ends, no line wider than 80 cells."""
    for line in shown(manifest, paths={"report": "a/b"}).split("\n"):
        assert line.isprintable()
        assert cell_len(line) <= 80
