"""Options that a project states once: defaults of `audit`, `check` and `replay` from its policy."""

import click
import pytest

from auditor import cli
from auditor.errors import UsageError

POLICY = """
python = "environment"
tier = "full"
frameworks = ["torch"]
setup = "seeds.py"
fail = {setup = "low", reached = "high"}
factors = ["threads", "hash-seed"]
metric = "loss=([0-9.]+)"
require-deterministic = true
[checks]
only = ["torch-same-seed"]
skip = ["torch-resume"]
require = ["torch-repeat"]
"""


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project with a policy; the working folder is one below it."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "auditor.toml").write_text(POLICY)
    (tmp_path / "seeds.py").write_text("")
    (tmp_path / "environment").mkdir()
    (tmp_path / "deep").mkdir()
    monkeypatch.chdir(tmp_path / "deep")
    return tmp_path


def parsed(name, *words):
    """What the options of a command come to."""
    command = cli.group.get_command(click.Context(cli.group), name)
    return command.make_context(name, [*words]).params


@pytest.mark.parametrize("name", ["audit", "check"])
def test_the_policy_gives_defaults(project, name):
    """Paths are relative to the policy's folder; the strictest threshold counts."""
    found = parsed(name)
    assert found["python"] == str(project / "environment")
    assert found["setup"] == str(project / "seeds.py")
    assert (found["tier"], found["frameworks"], found["fail_on"]) == ("full", ("torch",), "low")
    assert (found["only"], found["skip"], found["require"]) == (
        ("torch-same-seed",),
        ("torch-resume",),
        ("torch-repeat",),
    )
    assert found["require_deterministic"] is True


@pytest.mark.usefixtures("project")
def test_replay_has_its_own():
    """Factors and the metric."""
    found = parsed("replay", "--", "python", "--help")
    assert (found["vary"], found["metric"]) == ("threads,hash-seed", "loss=([0-9.]+)")
    assert found["command_line"] == ("python", "--help")


@pytest.mark.usefixtures("project")
def test_the_command_line_comes_first():
    """An option that is given replaces the policy's."""
    found = parsed("audit", "--tier", "quick", "--check", "jax-repeat", "--fail-on", "critical", "--python", "other")
    assert (found["tier"], found["only"], found["fail_on"]) == ("quick", ("jax-repeat",), "critical")
    assert found["python"] == "other"


def test_without_a_policy_nothing_changes(project):
    """The defaults of the program."""
    (project / "auditor.toml").unlink()
    found = parsed("audit")
    assert (found["python"], found["tier"], found["fail_on"], found["only"]) == ("", "quick", "high", ())


def test_an_invalid_policy_is_a_usage_error_and_help_needs_none(project):
    """Nothing is audited under options that nobody meant."""
    (project / "auditor.toml").write_text("tear = 'full'")
    with pytest.raises(UsageError, match="tear"):
        parsed("audit")
    with pytest.raises(click.exceptions.Exit):
        parsed("audit", "--help")


@pytest.mark.usefixtures("project")
def test_the_source_of_the_options_is_said_unless_quiet(capsys):
    """On standard error."""
    parsed("audit")
    assert "come from auditor.toml" in capsys.readouterr().err
    parsed("audit", "-q")
    assert capsys.readouterr().err == ""


def test_an_audit_records_its_options(finished):
    """In the manifest: what was asked for, and by which table of severities findings were judged."""
    asked = finished.predicate["run"]["asked"]
    assert asked["only"] == ["python-hash-seed", "python-file-order", "environment-hash-seed-set"]
    assert (asked["skip"], asked["failOn"], asked["runs"]) == ([], "high", 0)
    assert len(asked["severities"]) == 16
