"""CITATION.cff and README say the same as the package: version, licence, how it is installed."""

import re

from support import ROOT

from auditor import __version__


def fields():
    """The top level fields of CITATION.cff that are one line: name to value."""
    text = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z-]+): (\S.*)$", text, flags=re.MULTILINE))


def test_the_citation_names_the_version_and_the_licence_of_the_package():
    """A release that is cited under another version cannot be found again."""
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")

    assert __version__ == fields()["version"]
    assert f'license = "{fields()["license"]}"' in project


def test_a_wheel_that_readme_names_has_the_version_of_the_package():
    """An install line that names another version is a line that fails."""
    named = re.findall(r"auditor-([0-9][0-9.]*)-py3", (ROOT / "README.md").read_text(encoding="utf-8"))

    assert set(named) <= {__version__}
