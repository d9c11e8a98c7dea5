"""Values in LaTeX: each character is printed as it is or as an escape, and none acts."""

import re
import unicodedata

import hostile
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.quoting import latex
from auditor.quoting.inert import visible

SYMBOLS = {
    "textbackslash": "\\",
    "textasciicircum": "^",
    "textasciitilde": "~",
    "textless": "<",
    "textgreater": ">",
    "textbar": "|",
    "textquotesingle": "'",
    "textasciigrave": "`",
    "ae": "æ",
    "AE": "Æ",
    "o": "ø",
    "O": "Ø",
    "oe": "œ",
    "OE": "Œ",
    "ss": "ß",
    "l": "ł",
    "L": "Ł",
    "i": "ı",
    "textexclamdown": "¡",
    "textdegree": "°",
    "textquestiondown": "¿",
    "textsterling": "£",
    "texteuro": "€",
    "textsection": "§",
    "textparagraph": "¶",
    "textcopyright": "©",
    "textregistered": "®",
    "texttrademark": "™",
    "textbullet": "•",
    "textellipsis": "…",
    "textendash": "\u2013",
    "textemdash": "\u2014",
    "textquoteleft": "\u2018",
    "textquoteright": "\u2019",
    "textquotedblleft": "\u201c",
    "textquotedblright": "\u201d",
    "allowbreak": "",
}
"""The commands of LaTeX's kernel that may occur, and what they print."""
COMBINING = dict(
    zip("`'^~=u.\"rHvc", "\u0300\u0301\u0302\u0303\u0304\u0306\u0307\u0308\u030a\u030b\u030c\u0327", strict=True)
)
TOKEN = re.compile(
    r"\\(?P<symbol>[A-Za-z]+)\{\}|\\ensuremath\{\\(?P<maths>[A-Za-z]+)\}"
    r"|\\(?P<accent>[`'^~=.\"]|[uvrHc](?=\{))\{(?P<base>[A-Za-z])\}|\\(?P<escaped>[{}$&#%_])"
    r"|(?P<quote>\\texttt\{\\char34\})|\{(?P<held>[\[\]* ])\}"
    r"|(?P<nothing>\\kern0pt\{\}|\{\})|(?P<plain>[A-Za-z0-9 .,;:!?/+=()@-])"
)
MATHS = {name: character for character, name in latex.MATHS.items()}


def printed(quoted):
    """What LaTeX prints for it; fails on everything that is not one of the few forms that we know to be inert."""
    out, end = [], 0
    while end < len(quoted):
        found = TOKEN.match(quoted, end)
        assert found, quoted[end : end + 40]
        end = found.end()
        kind, value = found.lastgroup, found[found.lastgroup]
        if kind == "symbol":
            out.append(SYMBOLS[value])
        elif kind == "maths":
            out.append(MATHS[value])
        elif kind == "base":
            out.append(unicodedata.normalize("NFC", value + COMBINING[found["accent"]]))
        else:
            out.append({"quote": '"', "nothing": ""}.get(kind, value))
    return "".join(out)


def expected(text):
    """The text, with what has no form in LaTeX as a Python escape."""
    kept = unicodedata.normalize("NFC", visible(text)).replace("µ", "μ")  # the sign of micro is printed as the letter
    return "".join(
        one
        if one.isascii() or not latex.tex(one).startswith(r"\textbackslash{}")
        else one.encode("unicode_escape").decode()
        for one in kept
    )


@given(hostile.texts | st.text(max_size=40) | st.text("\\{}$&#%_^~<>|\"'`[]*-,!? é®²漢", max_size=30))
def test_every_text_is_printed_as_it_is_and_nothing_acts(text):
    """Also where lines may end inside words."""
    for quoted in (latex.tex(text), latex.tex_breaking(text)):
        assert quoted.isascii()
        assert expected(text) == printed(quoted)


@given(hostile.texts | st.text(max_size=40))
def test_a_comment_stays_one_line(text):
    """TeX ends a comment at the end of a line, and `^^M` is not read in one."""
    assert latex.tex_comment(text).isascii()
    assert latex.tex_comment(text).isprintable()


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("50 % of $x_1$ & #2", r"50 \% of \$x\_1\$ \& \#2"),
        ("\\input{x}", r"\textbackslash{}input\{x\}"),
        ("--key", r"-\kern0pt{}-key"),
        ("a-b, c", "a-b, c"),
        ("[x]", "{[}x{]}"),
        ("Grüße, naïve Å", r"Gr\"{u}\ss{}e, na\"{i}ve \r{A}"),
        ("8 × GPU ± µ", r"8 \ensuremath{\times} GPU \ensuremath{\pm} \ensuremath{\mu}"),
        ("Core™ i9®", r"Core\texttrademark{} i9\textregistered{}"),
        ("漢\u202e\x1b", r"\textbackslash{}u6f22\textbackslash{}u202e\textbackslash{}x1b"),
        ("a  b", "a{ } b"),
        ("^^41", r"\textasciicircum{}\textasciicircum{}41"),
    ],
)
def test_forms(text, quoted):
    """As a reader of the file sees them."""
    assert quoted == latex.tex(text)


def test_lines_may_end_in_digests_and_paths_only():
    """Short words stay whole, so that they are hyphenated as usual."""
    assert r"\allowbreak" in latex.tex_breaking("ab" * 32)
    assert r"a/\allowbreak{}long" in latex.tex_breaking("a/long/path/to/somewhere.py")
    assert r"\allowbreak" not in latex.tex_breaking("index_put gave 3 different results")
