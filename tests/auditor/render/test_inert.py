"""Text that does nothing, whatever it holds."""

import hostile
import jinja2
import pytest
from hypothesis import given, settings

from auditor.quoting.inert import Inert, as_text, shortened, visible
from auditor.quoting.templates import environment


@given(hostile.texts)
@settings(deadline=None)
def test_visible_text_prints_on_one_line(text):
    """No control character, separator, format character or odd space is left; what printed before is untouched."""
    shown = visible(text)

    assert shown.isprintable()
    assert [shown] == (shown.splitlines() or [""])
    assert shown == text or not text.isprintable()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred", r"\x1b[31mred"),
        ("a\r\nb\x00", r"a\r\nb\x00"),
        ("\u202eevil\u2066", r"\u202eevil\u2066"),
        ("\u2028\x85\xa0\ufeff", r"\u2028\x85\xa0\ufeff"),
        ("\ud800", r"\ud800"),
        ("plain é 日本 \\", "plain é 日本 \\"),
    ],
)
def test_what_does_not_print_becomes_a_python_escape(text, shown):
    """The escape says which character was there."""
    assert visible(text) == shown


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ((0.1).hex(), "0.1"),
        ("ab" * 32, "abababababab..."),
        (True, "true"),
        (None, "null"),
        ([], "[]"),
        ({"b": [1, {"c": "d"}], "a": "x"}, "a: x; b: (1, (c: d))"),
        ("0x1.8p+9999", "0x1.8p+9999"),
        ("0x123", "0x123"),
    ],
)
def test_json_values_are_told_in_words(value, words):
    """Hex floats as decimals, digests by their beginning, structures without JSON's quotes."""
    assert as_text(value) == words


def test_long_text_says_how_much_was_left_out():
    """Nothing is cut in silence."""
    assert shortened("x" * 12, 10) == "xxxxxxxxxx... (2 more characters)"


def test_a_template_cannot_print_what_was_not_quoted(tmp_path):
    """A forgotten filter, a concatenation after it, and an unknown name are errors and not output."""
    for source in ("{{ value }}", "{{ value | quote ~ value }}", "{{ value | quote | upper }}", "{{ true }}"):
        (tmp_path / "t.j2").write_text(source)
        with pytest.raises(TypeError, match="not quoted"):
            environment(tmp_path, {"quote": Inert}).get_template("t.j2").render(value="x")
    (tmp_path / "t.j2").write_text("{{ valeu | quote }}")
    with pytest.raises(jinja2.UndefinedError):
        environment(tmp_path, {"quote": visible}).get_template("t.j2").render(value="x")
    (tmp_path / "t.j2").write_text("{{ value | quote }} {{ 2 }}")

    assert environment(tmp_path, {"quote": Inert}).get_template("t.j2").render(value="{{ 7 }}") == "{{ 7 }} 2"
