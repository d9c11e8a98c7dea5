"""Progress on standard error."""

import io

import audit_example
import pytest

from auditor.render.progress import ProgressBar

PASSED, FAILED = audit_example.FINDINGS[3], audit_example.FINDINGS[0]


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self):
        """Whether rich may draw on it."""
        return True


def worked(stream, *, quiet=False, done=None):
    """What a command does with it."""
    with ProgressBar(quiet=quiet, stream=stream) as progress:
        progress.total(2, done)
        progress.step("torch: 2 checks\x1b[2J")
        progress.finding(PASSED)
        progress.finding(FAILED)
        progress.note("one [red]note[/red]")
    return stream.getvalue()


def test_plain_lines_where_there_is_no_terminal():
    """One line per event, control characters inert."""
    assert worked(io.StringIO()).splitlines() == [
        r"torch: 2 checks\x1b[2J",
        "checking torch-same-seed ... held",
        "checking python-hash-seed ... failed",
        "one [red]note[/red]",
    ]


@pytest.mark.parametrize("stream", [io.StringIO(), Terminal()])
def test_nothing_when_quiet(stream):
    """Not even a bar."""
    assert worked(stream, quiet=True) == ""


@pytest.mark.parametrize("done", [None, 1])
def test_a_bar_on_a_terminal(monkeypatch, done):
    """Passes move the bar without a line of their own; failures and notes stay on the screen."""
    monkeypatch.setenv("TERM", "xterm")
    text = worked(Terminal(), done=done)

    assert ("2/2" in text) == (done is None)
    assert ("1/2" in text) == (done is not None)
    assert "checking python-hash-seed ... failed" in text
    assert "torch-same-seed ... held" not in text
    assert "one [red]note[/red]" in text
    assert r"\x1b[2J" in text


def test_the_bar_is_taken_away_when_something_fails(monkeypatch):
    """The cursor is shown again before the error's text."""
    monkeypatch.setenv("TERM", "xterm")
    stream = Terminal()
    with pytest.raises(RuntimeError), ProgressBar(stream=stream):
        raise RuntimeError

    assert stream.getvalue().rindex("\x1b[?25h") > stream.getvalue().rindex("\x1b[?25l")


def test_a_stream_without_unicode_gets_escapes():
    """An ASCII pipe does not end an audit."""

    class Ascii(io.StringIO):
        encoding = "ascii"

    stream = Ascii()
    with ProgressBar(stream=stream) as progress:
        progress.note("é")

    assert stream.getvalue() == "\\xe9\n"
