"""The payload's own PEP 440 and PEP 508 against `packaging`."""

import importlib
import importlib.util
import sys

import pytest
import support
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.markers import Marker, default_environment
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import InvalidVersion, Version


def _payload(name):
    """A module of the payload, loaded under its private package name as the door does."""
    if "_auditor_checks" not in sys.modules:
        folder = support.ROOT / "checks"
        spec = importlib.util.spec_from_file_location(
            "_auditor_checks", folder / "__init__.py", submodule_search_locations=[str(folder)]
        )
        package = importlib.util.module_from_spec(spec)
        sys.modules["_auditor_checks"] = package
        spec.loader.exec_module(package)
    return importlib.import_module(f"_auditor_checks.environment.{name}")


VERSIONS, MARKERS = _payload("_versions"), _payload("_markers")
NUMBER = st.integers(0, 3).map(str)
RELEASE = st.lists(NUMBER, min_size=1, max_size=4).map(".".join)
PRE = st.sampled_from(["", "a1", "b0", "rc2", "-alpha.1", ".c3", "_pre", "preview1"])
POST = st.sampled_from(["", ".post0", "-1", "post2", ".rev3", "-r"])
DEV = st.sampled_from(["", ".dev0", "dev1", "-dev"])
LOCAL = st.sampled_from(["", "+cpu", "+cu128", "+1.2", "+1-a", "+a.1"])
PUBLIC = st.tuples(st.sampled_from(["", "1!", "v"]), RELEASE, PRE, POST, DEV).map("".join)
FULL = st.tuples(PUBLIC, LOCAL).map("".join)
CLAUSE = st.one_of(
    st.tuples(st.sampled_from(["<", "<=", ">", ">=", "~="]), PUBLIC).map("".join),
    st.tuples(st.sampled_from(["==", "!=", "==="]), FULL).map("".join),
    st.tuples(st.sampled_from(["==", "!="]), RELEASE, st.just(".*")).map("".join),
)


@given(FULL, FULL)
@settings(max_examples=300, deadline=None)
def test_versions_are_ordered_as_in_packaging(left, right):
    """Any two versions compare alike."""
    first, second = VERSIONS.key(VERSIONS.version(left)), VERSIONS.key(VERSIONS.version(right))

    assert (Version(left) < Version(right), Version(left) == Version(right)) == (first < second, first == second)


@given(st.lists(CLAUSE, min_size=0, max_size=3).map(" , ".join), FULL)
@settings(max_examples=1000, deadline=None)
def test_specifiers_hold_as_in_packaging(specifiers, version):
    """Any set of clauses contains the same versions, pre-releases included; `~=1` is refused by both."""
    try:
        expected = SpecifierSet(specifiers).contains(version, prereleases=True)
    except ValueError:
        with pytest.raises(VERSIONS.NotJudged):
            VERSIONS.contains(specifiers, version)
        return

    assert expected == VERSIONS.contains(specifiers, version)


@given(st.text(alphabet="0123456789.abcdevpostr+-_!* ", max_size=12))
@settings(max_examples=300, deadline=None)
def test_what_is_no_version_is_not_judged(text):
    """The same texts are versions."""
    try:
        Version(text)
    except InvalidVersion:
        with pytest.raises(VERSIONS.NotJudged):
            VERSIONS.version(text)
    else:
        assert VERSIONS.version(text)


CLAUSES = st.one_of(
    st.tuples(
        st.sampled_from(["python_version", "python_full_version", "implementation_version"]),
        st.sampled_from(["<", "<=", ">", ">=", "==", "!=", "~="]),
        st.sampled_from(["'3.8'", "'3.11'", "'3.10.1'", "'3.14'", "'4.0'"]),
    ),
    st.tuples(
        st.sampled_from(["sys_platform", "platform_system", "os_name", "platform_machine", "implementation_name"]),
        st.sampled_from(["==", "!=", "in", "not in"]),
        st.sampled_from(["'linux'", "'Linux'", "'posix'", "'x86_64'", "'win32'", "'cpython'"]),
    ),
    st.tuples(st.just("'3.9'"), st.sampled_from(["<", "<=", ">", ">="]), st.just("python_version")),
    st.tuples(st.just("extra"), st.sampled_from(["==", "!="]), st.sampled_from(["'test'", '"gpu"'])),
).map(" ".join)
MARKER = st.recursive(
    CLAUSES,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from([" and ", " or "]), inner).map("".join), inner.map(lambda text: f"({text})")
    ),
    max_leaves=5,
)


@given(MARKER)
@settings(max_examples=300, deadline=None)
def test_markers_hold_as_in_packaging(marker):
    """Any marker of the usual variables says the same, with no extra asked for."""
    assert Marker(marker).evaluate({"extra": ""}) == MARKERS.applies(marker)


def test_the_variables_of_markers_are_those_of_packaging():
    """Every variable has the value that packaging finds."""
    assert {**default_environment(), "extra": ""} == MARKERS.environment()


@pytest.mark.parametrize(
    "marker", ["python_version", "python_version >", "(os_name == 'posix'", "a == 'b'", "os_name < 'x'"]
)
def test_markers_outside_the_subset_are_not_judged(marker):
    """Nothing is guessed."""
    with pytest.raises(VERSIONS.NotJudged):
        MARKERS.applies(marker)


def test_every_requirement_of_both_environments_is_understood():
    """What real packages require is parsed as packaging parses it."""
    from importlib.metadata import distributions

    audited = support.ROOT / ".venv-audited" / "lib"
    paths = [str(path) for path in audited.glob("python3*/site-packages")]
    texts = [text for found in [*distributions(), *distributions(path=paths)] for text in found.requires or ()]

    assert len(texts) > 100
    for text in texts:
        expected, parsed = Requirement(text), VERSIONS.requirement(text)
        assert (expected.name, expected.specifier) == (parsed.name, SpecifierSet(parsed.specifiers))
        applies = expected.marker is None or expected.marker.evaluate({"extra": ""})
        assert applies == MARKERS.applies(parsed.marker)
