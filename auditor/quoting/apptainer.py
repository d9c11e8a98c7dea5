"""
Escapes values of a manifest in an Apptainer definition.

Apptainer's parser (pkg/build/types/parser/deffile.go) treats every line whose first word begins with `%` as a section,
cuts a header's value at `#`, begins another image at `bootstrap:`, and replaces `{{ name }}` even in comments.
"""

from __future__ import annotations

import re

from . import dockerfile
from .inert import Inert

BRACE_BEFORE_BRACE = re.compile(r"\{(?=\{)")


def definition_comment(text: str) -> Inert:
    """The rest of a comment's line: as in a Dockerfile, and without two braces together."""
    return dockerfile.comment(BRACE_BEFORE_BRACE.sub("{ ", text))


def definition_base(reference: str) -> Inert:
    """The image of `From:`: by digest or by tag, since Apptainer refuses both together."""
    name, at, digest = dockerfile.reference(reference).partition("@")
    head, slash, last = name.rpartition("/")
    return Inert(f"{head}{slash}{last.partition(':')[0]}@{digest}" if at else name)


QUOTING = {"definition_comment": definition_comment, "definition_base": definition_base}
