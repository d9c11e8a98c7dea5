"""Prose in few words: whole sentences, whole items, and a bound on hostile texts."""

import io

import audit_example
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.catalogue import catalogue
from auditor.render import terminal
from auditor.render.brief import ITEMS_CHARACTERS, SENTENCE_CHARACTERS, first_sentence, whole_items

MARK_CHARACTERS = 60
"""More than the longest mark that says where the whole text is."""


def summary(*findings, **paths):
    """The summary of these findings as one line of text."""
    stream = io.StringIO()
    terminal.show(list(findings), stream, paths)
    return " ".join(stream.getvalue().split())


def test_a_remedy_is_shown_as_its_whole_first_sentence():
    """However long the rest is; a version number and an abbreviation end no sentence."""
    sentence = "Call `f(1.5)` in torch 2.13 and newer, and change the version of every other package that calls it."
    remedy = f"{sentence} Then read the notes. " + "More follows. " * 50

    assert first_sentence(remedy, "report.md") == sentence
    assert first_sentence("one clause, no full stop", "report.md") == "one clause, no full stop"
    finding = audit_example.FINDINGS[0].model_copy(update={"remedy": remedy})
    shown = summary(finding, report="a/report.md")
    assert sentence.replace("`", "") in shown
    assert "Then read" not in shown


def test_a_hostile_sentence_is_bounded_and_cut_at_a_word():
    """5,000 characters without a full stop; the reader learns where the whole text is."""
    remedy = "word " * 1000
    shown = first_sentence(remedy, "report.md")

    assert shown.endswith("word… (whole text: report.md)")
    assert len(shown) <= SENTENCE_CHARACTERS + MARK_CHARACTERS
    finding = audit_example.FINDINGS[0].model_copy(update={"remedy": remedy, "message": "word " * 1000})
    assert summary(finding, report="a/report.md").count("… (whole text: report.md)") == 2
    assert f"… (whole text: auditor explain {finding.check})" in summary(finding)
    assert "… (whole text: --json)" in summary(finding)


def test_a_text_without_a_space_is_bounded_too():
    """One word of 5,000 characters is cut inside, since there is no other place."""
    assert first_sentence("x" * 5000, "report.md") == "x" * SENTENCE_CHARACTERS + "… (whole text: report.md)"


def test_a_message_is_shown_in_whole_items_and_the_rest_is_counted():
    """An item ends at a semicolon or a sentence's end; what a rule left out itself is counted with it."""
    items = [f"operator_{number} gave 2 different results in 3 calls" for number in range(4)]
    message = "; ".join(items) + "; and 5 more. Measured under one-thread: identical"
    shown = whole_items(message, "report.md")

    assert shown == f"{items[0]}; {items[1]}; {items[2]} (and 7 more: report.md)"
    assert whole_items("short; and whole", "report.md") == "short; and whole"


def test_a_semicolon_inside_brackets_ends_no_item():
    """Half a pair of brackets would be cut inside an item."""
    message = f"{'a' * 100} (b; c); {'d' * 100}"

    assert whole_items(message, "report.md") == f"{'a' * 100} (b; c) (and 1 more: report.md)"


def test_a_long_first_item_is_shown_whole_up_to_the_limit_of_a_sentence():
    """Beyond the limit of all items, it is still better whole than cut."""
    first = "word " * 50 + "end"

    assert ITEMS_CHARACTERS < len(first) < SENTENCE_CHARACTERS
    assert whole_items(f"{first}; second", "report.md") == f"{first} (and 1 more: report.md)"


@given(st.text(max_size=2000).map(lambda text: text * 5), st.sampled_from((first_sentence, whole_items)))
def test_every_text_is_bounded(text, shorten):
    """Whatever a manifest holds."""
    assert len(shorten(text, "report.md")) <= SENTENCE_CHARACTERS + MARK_CHARACTERS


@pytest.mark.parametrize("check", catalogue.load().checks, ids=lambda check: check.id)
def test_the_remedies_of_our_checks_are_never_cut(check):
    """Their first sentences fit."""
    assert first_sentence(check.remedy, "report.md") in check.remedy
