"""Quoting for HTML: text stays text, in an element and in an attribute, and names are our own or a digest."""

import html
import math

import hostile
import pytest
from hypothesis import given

from auditor.quoting import html as quoting
from auditor.quoting.inert import visible


@given(hostile.texts)
def test_text_reads_back_as_what_is_visible_of_it(value):
    """A parser gives the same characters again; nothing in it opens a tag or ends an attribute."""
    quoted = quoting.text(value)

    assert not {"<", ">", '"', "'"} & {*quoted}
    assert html.unescape(quoted) == (visible(value) or "(empty)")
    assert quoted.isprintable()


@given(hostile.texts)
def test_prose_has_code_spans_and_no_other_markup(value):
    """Each opening tag is ours and is closed."""
    quoted = quoting.prose(value)
    plain = quoted.replace("<code>", "").replace("</code>", "")

    assert not {"<", ">", '"'} & {*plain}
    assert quoted.count("<code>") == quoted.count("</code>")
    assert quoted.isprintable()


def test_a_code_span_is_code():
    """As in the remedies of our checks."""
    assert "export <code>A=0</code> in the job" == quoting.prose("export `A=0` in the job")
    assert "a ` lone one" == quoting.prose("a ` lone one")


@pytest.mark.parametrize("value", ["", "A", "a b", "a--b", "-a", "a\n", "x" * 81, '"', "\u0131"])
def test_a_name_that_is_no_id_of_ours_is_a_digest(value):
    """It holds no character that an attribute or a link gives a meaning."""
    found = quoting.anchor(value)

    assert quoting.NAME.fullmatch(found)
    assert found != value
    assert found != quoting.anchor(value + "x")
    assert "torch-thread-race" == quoting.anchor("torch-thread-race")


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_coordinate_is_finite(value):
    """A plot with another one would be cut off without a word."""
    with pytest.raises(ValueError, match="not finite"):
        quoting.coordinate(value)
    assert ("1.2", "1.23e-05") == (quoting.coordinate(1.234), quoting.amount(1.2345e-5))
    assert "not measured" == quoting.amount(math.nan)


def test_a_million_characters_are_cut_and_counted():
    """The manifest has them whole."""
    assert len(quoting.text("x" * 1_000_000)) < 5000
    assert "996000 more characters" in quoting.text("x" * 1_000_000)
