r"""
Quotes values of a manifest for LaTeX.

The result is ASCII, holds no active character, and means the same in text, in a cell of a table and in a macro's
body, under pdflatex (OT1 or T1) and lualatex. Only commands of LaTeX's kernel of 2020 or later are used. What has
no such form is written as a Python escape, as the other quoters write what is not printable.

Ligatures of TeX's fonts (``--``, ``''``, ``?` ``) are undone, since they would change the text.
"""

from __future__ import annotations

import re
import unicodedata

from .inert import Inert, visible

COMMANDS = {
    "\x00": r"\allowbreak{}",
    "\x01": r"\kern0pt{}",  # an empty group does not part a ligature in lualatex
    **{character: f"\\{character}" for character in "{}$&#%_"},
    "\\": r"\textbackslash{}",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\texttt{\char34}",  # \textquotedbl is missing in OT1, and other fonts print a closing quotation mark
    "'": r"\textquotesingle{}",
    "`": r"\textasciigrave{}",
    "[": "{[}",  # after the end of a table's row it would begin an argument
    "]": "{]}",
    "*": "{*}",
    "æ": r"\ae{}",
    "Æ": r"\AE{}",
    "ø": r"\o{}",
    "Ø": r"\O{}",
    "œ": r"\oe{}",
    "Œ": r"\OE{}",
    "ß": r"\ss{}",
    "ł": r"\l{}",
    "Ł": r"\L{}",
    "ı": r"\i{}",
    "¡": r"\textexclamdown{}",
    "¿": r"\textquestiondown{}",
    "£": r"\textsterling{}",
    "€": r"\texteuro{}",
    "§": r"\textsection{}",
    "¶": r"\textparagraph{}",
    "©": r"\textcopyright{}",
    "®": r"\textregistered{}",
    "™": r"\texttrademark{}",
    "°": r"\textdegree{}",
    "•": r"\textbullet{}",
    "…": r"\textellipsis{}",
    "–": r"\textendash{}",
    "—": r"\textemdash{}",
    "‘": r"\textquoteleft{}",
    "’": r"\textquoteright{}",
    "“": r"\textquotedblleft{}",
    "”": r"\textquotedblright{}",
}
"""A character to what prints it in text, in every encoding of fonts."""
MATHS = {
    "±": "pm",
    "×": "times",
    "÷": "div",
    "·": "cdot",
    "µ": "mu",
    "∞": "infty",
    "≤": "leq",
    "≥": "geq",
    "≠": "neq",
    "≈": "approx",
    "←": "leftarrow",
    "→": "rightarrow",
    "√": "surd",
    "∑": "sum",
    "α": "alpha",
    "β": "beta",
    "γ": "gamma",
    "δ": "delta",
    "ε": "epsilon",
    "η": "eta",
    "θ": "theta",
    "λ": "lambda",
    "μ": "mu",
    "π": "pi",
    "ρ": "rho",
    "σ": "sigma",
    "τ": "tau",
    "φ": "phi",
    "χ": "chi",
    "ω": "omega",
    "Δ": "Delta",
    "Θ": "Theta",
    "Λ": "Lambda",
    "Σ": "Sigma",
    "Φ": "Phi",
    "Ω": "Omega",
}
"""A character to the command of mathematics that prints it."""
ACCENTS = {
    "\u0300": "`",
    "\u0301": "'",
    "\u0302": "^",
    "\u0303": "~",
    "\u0304": "=",
    "\u0306": "u",
    "\u0307": ".",
    "\u0308": '"',
    "\u030a": "r",
    "\u030b": "H",
    "\u030c": "v",
    "\u0327": "c",
}
"""A combining character to the accent that OT1 and T1 both have."""
LIGATURES = re.compile(r"([-,'`<>])(?=\1)|[!?](?=`)")
"""What TeX's fonts, or lualatex's own table of ligatures, make another character of."""
LONG_WORD = re.compile(r"\S{21,}")
LONG_RUN = re.compile(r"[A-Za-z0-9]{21,}")
RUN = 4
"""Characters of a digest after which a line may end."""
BREAK = "\x00"
"""Stands for a place where a line may end; `visible` leaves no such character."""


def tex(text: str) -> Inert:
    """Prose on one line; every character is printed as it is, or as a Python escape."""
    return Inert(_quoted(unicodedata.normalize("NFC", visible(text))))


def tex_breaking(text: str) -> Inert:
    """The same, where a line may end inside words that are too long for a column: digests, paths, versions."""
    normal = unicodedata.normalize("NFC", visible(text))
    return Inert(_quoted(LONG_WORD.sub(_breakable, normal)))


def tex_comment(text: str) -> Inert:
    """The rest of a comment's line, in ASCII."""
    return Inert(visible(text).encode("ascii", "backslashreplace").decode("ascii"))


def _breakable(word: re.Match[str]) -> str:
    """A long word with places where a line may end: behind signs, and within long runs of letters and digits."""
    runs = LONG_RUN.sub(lambda run: re.sub(rf"(.{{{RUN}}})(?=.)", rf"\1{BREAK}", run[0]), word[0])
    return re.sub(r"([^A-Za-z0-9\x00'\"()])(?=[A-Za-z0-9]|[^\x00-\x7f])", rf"\1{BREAK}", runs)


def _quoted(text: str) -> str:
    """The text's characters in LaTeX; ligatures and dropped spaces are undone."""
    out = "".join(map(_character, LIGATURES.sub("\\g<0>\x01", text)))
    return re.sub(r"^ | (?= )| $", r"{ }", out)


def _character(character: str) -> str:
    if character in COMMANDS:
        return COMMANDS[character]
    if character.isascii():
        return character
    if character in MATHS:
        return rf"\ensuremath{{\{MATHS[character]}}}"
    parts = unicodedata.normalize("NFD", character)
    if len(parts) == 2 and parts[0].isascii() and parts[0].isalpha() and parts[1] in ACCENTS:
        return rf"\{ACCENTS[parts[1]]}{{{parts[0]}}}"
    escape = character.encode("unicode_escape").decode("ascii")
    return escape.replace("\\", r"\textbackslash{}")


QUOTING = {"tex": tex, "tex_breaking": tex_breaking, "tex_comment": tex_comment}
"""The filters of templates of LaTeX."""
