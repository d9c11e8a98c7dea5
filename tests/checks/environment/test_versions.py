"""Versions, specifiers and markers (PEP 440, PEP 508), as the check of conflicting packages judges them."""

import sys

import pytest
import support

CHECK = "environment-conflicting-packages"
SPECIFIERS = [
    ("==1.0", "1.0.0", True),
    ("==1.0", "1.0+cpu", True),
    ("==1.0+cpu", "1.0", False),
    ("==1!1.0", "1.0", False),
    ("==2.*", "2.5.post1", True),
    ("!=1.*", "1.5", False),
    ("!=1.*", "2.0", True),
    ("===1.0", "1.0.0", False),
    ("~=2.2", "2.9", True),
    ("~=2.2", "3.0", False),
    ("~=2.2.1", "2.3", False),
    (">=1.10", "1.9", False),
    (">=1.9", "2.0.dev1", True),
    (">=2.0a1", "2.0.dev1", False),
    (">=1.0.post1", "1.0", False),
    ("<=1.0", "1.0.post1", False),
    (">1.0", "1.0.post1", False),
    (">1.0", "1.0+local", False),
    (">1.0", "1.0.1", True),
    ("<2", "2.0rc1", False),
    ("<2rc2", "2.0rc1", True),
    (">=2 , <3", "2.5", True),
    (">=2 , <3", "3.0", False),
    ("(>=2)", "1.5", False),
]
"""A specifier set, an installed version, and whether PEP 440 lets it in; pre-releases count, as in `pip check`."""
MARKERS = [
    ("python_version >= '3.8'", True),
    ("python_version < '3'", False),
    ("python_version < '3.100'", True),
    ("'3' < python_version", True),
    ("'3' > python_version", False),
    (f"sys_platform == '{sys.platform}'", True),
    (f"sys_platform != '{sys.platform}'", False),
    ("os_name in 'posix nt'", True),
    ("os_name not in 'posix nt'", False),
    ("implementation_name == 'cpython'", True),
    ("extra == 'more'", False),
    ("extra != 'more'", True),
    ("os_name == 'posix' and extra == 'more'", False),
    ("extra == 'more' or os_name == 'posix'", True),
    ("(os_name == 'nt' or os_name == 'posix') and python_version > '3'", True),
    ("os_name == 'posix' or os_name == 'posix' and extra == 'more'", True),
]
"""A marker, and whether it holds on CPython and a POSIX system when no extra is requested."""
UNREADABLE = [
    "beta ~=2",
    "beta >",
    "beta; shoe_size > '40'",
    "beta; python_version",
    "beta; (os_name == 'posix'",
    "beta; os_name ~= 'posix'",
]


def reading_of(python=support.AUDITED):
    """The check's one reading."""
    (reading,) = support.measure(CHECK, python=python).repeats
    return reading


def test_specifiers_admit_the_versions_that_pep_440_says(site):
    """A package is broken by exactly those specifiers that leave out the installed version."""
    for number, (specifier, version, _) in enumerate(SPECIFIERS):
        site(f"user-{number}", "1.0", [f"used-{number} {specifier}"])
        site(f"used-{number}", version)
    reading = reading_of()

    for number, (specifier, version, met) in enumerate(SPECIFIERS):
        assert met == (f"user-{number} requires used-{number}" not in reading), (specifier, version)


def test_a_requirement_counts_where_its_marker_holds(site):
    """A package that is not there breaks exactly those whose marker holds."""
    for number, (marker, _) in enumerate(MARKERS):
        site(f"user-{number}", "1.0", [f"absent; {marker}"])
    reading = reading_of()

    for number, (marker, holds) in enumerate(MARKERS):
        assert holds == (f"user-{number} requires absent" in reading), marker


def test_what_follows_no_standard_is_not_judged(site):
    """Each is named with its package, and breaks nothing."""
    site("alpha", "1.0", [*UNREADABLE, "gamma"])
    site("beta", "1.0")
    site("gamma", "banana")
    reading = reading_of()
    said = [f"alpha: the requirement {text!r}" for text in UNREADABLE] + ["alpha: the version 'banana'"]

    assert sorted(said) == reading["conditions"]["not judged"]
    assert "all met" == reading["requirements"]["observed"]


def test_a_direct_url_asks_for_any_version(site):
    """Its marker counts all the same."""
    site("alpha", "1.0", ["beta @ https://example.org/beta.zip", "gamma @ https://example.org/g.zip ; os_name == 'nt'"])
    reading = reading_of()

    assert {"expected": "any version", "observed": "not installed"} == reading["alpha requires beta"]
    assert "alpha requires gamma" not in reading


def test_every_requirement_of_the_audited_environment_is_judged():
    """What real packages require follows the standards."""
    conditions = reading_of()["conditions"]

    assert [] == conditions["not judged"]
    assert conditions["judged"] > 100


@pytest.mark.parametrize("python", support.older_pythons())
def test_every_python_judges(python, site):
    """The vendored library runs on the oldest and on the newest Python."""
    site("alpha-kit", "1.0", ["beta>=2; python_version >= '3.8'"])
    site("beta", "1.5")

    assert {"expected": ">=2", "observed": "1.5"} == reading_of(python)["alpha-kit requires beta"]
