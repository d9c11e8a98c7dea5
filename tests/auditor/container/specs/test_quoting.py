"""Values of a manifest inside Dockerfiles, requirements, shells and JSON: quoted, or refused."""

from __future__ import annotations

import json
import subprocess

import docker_reader
import hostile
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.utils import InvalidName, canonicalize_name
from packaging.version import InvalidVersion, Version

from auditor.quoting import apptainer, jsontext, shell
from auditor.quoting import dockerfile as quoting


@given(st.text(max_size=40) | st.from_regex(quoting.VERSION, fullmatch=True))
@settings(deadline=None)
def test_versions_that_pass_are_versions_to_packaging(text):
    """Our check, which needs no package, is no wider than the reference implementation."""
    try:
        passed = str(quoting.version(text))
    except ValueError:
        return

    assert str(Version(passed)) == str(Version(text))


@pytest.mark.parametrize(
    "text", ["1", "1.0", "2!1.0rc1.post2.dev3+local.1", "2026.11.22", "1.0-1", "v1.0", "1.0.dev", "1a"]
)
def test_usual_versions_pass(text):
    """The check is not so narrow that it loses packages."""
    assert quoting.version(text) == text
    assert Version(text)


@pytest.mark.parametrize(
    "text", ["", "1\n", " 1", "1.0+\u212a", "1.0 ; x", "1.*", "==1", "\u0661", "1.0\u017ft1", "latest"]
)
def test_what_is_no_version_is_refused(text):
    """Letters and digits of other alphabets included: case folding would let some of them pass."""
    with pytest.raises(ValueError, match="not of the form"):
        quoting.version(text)


def test_a_comment_is_one_line_of_ascii():
    """Whatever is put into it."""
    assert quoting.comment("a\r\nRUN \xe9\u2028") == r"a\r\nRUN \xe9\u2028"


@given(st.text(max_size=20) | st.from_regex(quoting.NAME, fullmatch=True) | hostile.texts)
@settings(deadline=None)
def test_names_that_pass_are_names_to_packaging(text):
    """As for versions; and the result is the canonical form."""
    try:
        passed = quoting.package(text)
    except ValueError:
        return

    assert passed == canonicalize_name(text, validate=True)


def test_what_is_no_name_or_version_to_packaging_does_not_pass():
    """The two oracles of this file do refuse."""
    with pytest.raises(InvalidName):
        canonicalize_name("-r evil", validate=True)
    with pytest.raises(InvalidVersion):
        Version("1 ; x")


@given(hostile.texts)
@settings(deadline=None)
def test_a_quoted_value_is_read_back_as_it_was(text):
    """Docker's own unquoting gives the value; what cannot be written so is refused."""
    try:
        quoted = quoting.double_quoted(text)
    except ValueError:
        assert not text.isprintable()
        return

    assert docker_reader.assignments(f"A={quoted} B=1") == [("A", text), ("B", "1")]


@pytest.mark.parametrize(
    "text", ["a'b", "''", "$(id)", "`id`", "\\", "\\'", "{{ x }}", "{{{{", "a b\t", "*", "~", "-n", "%x"]
)
def test_a_shell_reads_a_quoted_value_back(text):
    """A real shell, so that no idea of ours about quoting is tested with itself."""
    if not text.isprintable():
        with pytest.raises(ValueError, match="no literal form"):
            shell.single_quoted(text)
        return
    quoted = shell.single_quoted(text)
    done = subprocess.run(["/bin/sh", "-c", f"printf %s {quoted}"], capture_output=True, text=True, check=True)

    assert done.stdout == text
    assert "{{" not in quoted


@given(hostile.texts)
@settings(deadline=None)
def test_a_definitions_comment_is_one_line_that_fills_nothing_in(text):
    """Apptainer replaces `{{ name }}` in comments as well."""
    comment = apptainer.definition_comment(text)

    assert comment.isascii()
    assert comment.isprintable() or not comment
    assert "{{" not in comment


@given(hostile.texts)
@settings(deadline=None)
def test_a_json_text_is_visible_after_it_was_read(text):
    """No control and no bidirectional mark, neither in the file nor in what an editor shows of it."""
    written = jsontext.json_text(text)

    assert written.isascii()
    assert json.loads(written).isprintable()


GOOD_BASES = [
    "python@sha256:" + "a" * 64,
    "python:3.12-slim@sha256:" + "a" * 64,
    "127.0.0.1:5005/base@sha256:" + "0" * 64,
    "registry.example.org/team/a_b/c--d:V1.0_x@sha256:" + "f" * 64,
]
BAD_BASES = [
    "python",
    "python:3.12",
    "python@sha256:" + "a" * 63,
    "python@sha256:" + "A" * 64,
    "--platform=linux/arm64 python@sha256:" + "a" * 64,
    "--platform=linux/arm64@sha256:" + "a" * 64,
    "-p@sha256:" + "a" * 64,
    "a b@sha256:" + "a" * 64,
    "a\nRUN evil@sha256:" + "a" * 64,
    "a@sha256:" + "a" * 64 + "\n",
    "a@sha256:" + "a" * 64 + " AS x",
    "$BASE@sha256:" + "a" * 64,
    "../a@sha256:" + "a" * 64,
    "a/../b@sha256:" + "a" * 64,
    "a:tag:tag@sha256:" + "a" * 64,
    "a@md5:" + "a" * 32,
    "\u202ea@sha256:" + "a" * 64,
    "",
]


@pytest.mark.parametrize("text", GOOD_BASES)
def test_images_by_digest_pass(text):
    """Host, port, path, tag and digest."""
    assert quoting.BASE.fullmatch(text)
    assert quoting.reference(text) == text


@pytest.mark.parametrize("text", BAD_BASES)
def test_what_is_no_image_by_digest_does_not(text):
    """Options, white space, variables, paths that lead up, other digests."""
    assert not quoting.BASE.fullmatch(text)


@pytest.mark.parametrize(
    ("reference", "base"),
    [
        ("python:3.12-slim-bookworm", "python:3.12-slim-bookworm"),
        ("python:3.12@sha256:" + "a" * 64, "python@sha256:" + "a" * 64),
        ("127.0.0.1:5005/a/b:1@sha256:" + "a" * 64, "127.0.0.1:5005/a/b@sha256:" + "a" * 64),
        ("127.0.0.1:5005/a/b:1", "127.0.0.1:5005/a/b:1"),
    ],
)
def test_apptainer_gets_a_tag_or_a_digest(reference, base):
    """It refuses a reference that has both."""
    assert apptainer.definition_base(reference) == base


@pytest.mark.parametrize(
    "text",
    [
        "git+https://example.org/a/b@" + "0" * 40,
        "git+https://example.org:8443/a/b.git@" + "f" * 64,
    ],
)
def test_sources_that_pass(text):
    """https, a path, a whole commit."""
    assert quoting.source(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "git+ssh://git@example.org/a@" + "0" * 40,
        "git+http://example.org/a@" + "0" * 40,
        "git+https://user:word@example.org/a@" + "0" * 40,
        "git+https://example.org/a@main",
        "git+https://example.org/../a@" + "0" * 40,
        "git+https://example.org/a@" + "0" * 40 + "#egg=x",
        "git+https://example.org/a b@" + "0" * 40,
        "git+https://example.org/a@" + "0" * 40 + "\n-r x",
        "git+file:///a@" + "0" * 40,
        "git+https://-x/a@" + "0" * 40,
    ],
)
def test_sources_that_do_not(text):
    """Other protocols, credentials, branches, fragments, options."""
    with pytest.raises(ValueError, match="not of the form"):
        quoting.source(text)
