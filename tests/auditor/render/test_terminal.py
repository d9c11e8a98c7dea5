"""The summary on a terminal."""

import io
import re

import audit_example
import hostile
import pytest
from hypothesis import HealthCheck, given, settings
from rich.cells import cell_len

from auditor.manifest.models import Reach
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


def test_what_concerns_the_user_comes_first_then_defects_then_where_it_is():
    """The verdict is the first line; the counts, in one line, stand last: next to the prompt."""
    text = shown(paths={"report": "audits/x/report.md"})
    parts = (
        "1 defect of these releases",
        "Your set-up",
        "What to do",
        "Defects of torch 2.13.0+cpu",
        "What could not be measured",
        "Held: python 1, torch 1",
        "Where it is",
    )

    assert [text.index(part) for part in parts] == sorted(text.index(part) for part in parts)
    assert text.startswith(parts[0])
    assert text.splitlines()[-1] == "2 held, 3 failed, 1 inconclusive, 1 could not run, 1 not applicable."
    assert "(documented; its own switch cures it)" in text


def test_a_defect_that_the_program_reaches_is_told_with_its_cure():
    """It stands before those of which that is unknown, with message and remedy."""
    race = audit_example.FINDINGS[1].model_copy(update={"reach": Reach(state="reached", file="train.py", line=4)})
    text = shown([race, *audit_example.FINDINGS[2:]])

    assert text.startswith("Your program reaches 1 defect of these releases.")
    assert "Use index_add with sorted indices" in text
    assert text.index("that your program reaches\nhigh      torch-index-put-race") < text.index(
        "(auditor explain ID)\nlow"
    )
    assert "Use index_add" not in shown()


def test_the_command_that_tells_about_reach_is_named_where_no_program_was_given():
    """After an audit of a program it is not: what is unknown then was not seen in it."""
    asked = Reach(state="unknown", reason="not seen in the first 60 s")
    found = [item.model_copy(update={"reach": asked}) if item.reach else item for item in audit_example.FINDINGS]

    assert "(auditor audit -- COMMAND tells)" in shown()
    assert "is\nunknown. " in shown(found)


def test_a_summary_fits_one_screen():
    """Twenty defects of releases, three findings of the set-up: at most 40 lines, one for each defect."""
    race, low = audit_example.FINDINGS[1], audit_example.FINDINGS[2]
    many = [race.model_copy(update={"check": f"torch-claim-{number}"}) for number in range(20)]
    lows = [low.model_copy(update={"kind": "setup", "reach": None, "check": f"environment-{n}"}) for n in range(3)]
    lines = shown([*many, *lows], paths={"report": "a/report.md", "manifest": "a/manifest.dsse.json"}).splitlines()

    assert len(lines) <= 40
    assert sum(line.startswith("high") for line in lines) == 20


def test_no_line_says_passed_or_fine_while_a_defect_is_open():
    """An audit that found wrong numbers in a release must not read like a clean one."""
    text = shown().lower()

    assert not re.search(r"\b(pass|passed|fine|green|ok|clean|safe)\b", text.replace("not counted as passed", ""))


def test_passes_are_no_wall():
    """A hundred passes take one line."""
    findings = [audit_example.FINDINGS[3]] * 100
    text = shown(findings)

    assert text.splitlines() == [
        "Every check that applies here held (100).",
        "",
        "Held: torch 100",
        "",
        "100 held, 0 failed.",
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
