"""A release's failure that only the user's set-up file or variables cause is the set-up's."""

import sys
from types import SimpleNamespace

import pytest

from auditor.audit import kinds
from auditor.audit.run import Audit, Options
from auditor.catalogue import catalogue
from auditor.manifest.models import Finding

VARIABLE = "TF_PLANTED_SWITCH"
BODY = f"""
    import os, sys
    broken = os.environ.get({VARIABLE!r}) or getattr(sys, "planted", False) or {{always}}
    return {{{{"claim": {{{{"expected": "right", "observed": "wrong" if broken else "right"}}}}}}}}
"""


def audited(payload, *, setup="", always=False):
    payload("aa_claim", BODY.format(always=always), across=())
    known = catalogue.load()
    options = Options(
        sys.executable, catalogue.select(known.checks, only=["python-aa-claim"]), facts=False, setup=str(setup)
    )
    audit = Audit(options, known)
    for _ in audit.run():
        continue
    before = audit.findings[0]
    events = list(kinds.settle(audit))
    return before, audit.findings[0], events


@pytest.fixture
def expected(payload, monkeypatch):
    """Plants a check of the rule `expected`."""
    monkeypatch.delenv(VARIABLE, raising=False)
    return lambda name, body, across: payload(name, body, across, more="") or _rule(name)


def _rule(name):
    from auditor.interpreter import conversation

    path = conversation.folder("checks") / "python" / f"{name}.py"
    path.write_text(path.read_text().replace('rule="identical"', 'rule="expected"'))


def test_a_failure_that_the_set_up_file_causes_is_the_set_ups(expected, tmp_path):
    """Measured: without the file it passes."""
    setup = tmp_path / "setup.py"
    setup.write_text("import sys; sys.planted = True\n")
    before, after, events = audited(expected, setup=setup)

    assert (before.outcome, before.kind, before.reach.state) == ("fail", "release", "unknown")
    assert (after.outcome, after.kind, after.reach) == ("fail", "setup", None)
    assert after.message.endswith("It passed once without the set-up file")
    assert all("without your set-up" in event.text for event in events)


def test_a_failure_that_a_variable_causes_is_the_set_ups(expected, monkeypatch):
    """A switch in the environment is set-up too, without any file."""
    monkeypatch.setenv(VARIABLE, "1")
    before, after, _ = audited(expected)

    assert (before.kind, after.kind) == ("release", "setup")
    assert VARIABLE in after.evidence["passed without"]


def test_a_failure_that_stays_without_the_set_up_is_the_releases(expected, tmp_path, monkeypatch):
    """The negative control: the set-up is there, and innocent."""
    setup = tmp_path / "setup.py"
    setup.write_text("import sys; sys.planted = True\n")
    monkeypatch.setenv(VARIABLE, "1")
    before, after, events = audited(expected, setup=setup, always=True)

    assert events
    assert before == after
    assert after.kind == "release"


def test_a_plain_environment_is_not_measured_twice(expected, monkeypatch):
    """Nothing is set up, so nothing is measured again."""
    monkeypatch.setattr(kinds.os, "environ", {"PATH": "/bin"})
    _, after, events = audited(expected, always=True)

    assert (after.outcome, after.kind, events) == ("fail", "release", [])


@pytest.mark.parametrize(
    ("name", "switch"),
    [
        ("XLA_FLAGS", True),
        ("TF_ENABLE_ONEDNN_OPTS", True),
        ("NVIDIA_TF32_OVERRIDE", True),
        ("TORCHINDUCTOR_FREEZING", True),
        ("TORCHINDUCTOR_CACHE_DIR", False),
        ("TF_CPP_MIN_LOG_LEVEL", False),
        ("TF_NUM_INTRAOP_THREADS", False),
        ("JAX_PLATFORMS", False),
        ("LD_LIBRARY_PATH", False),
        ("CUDA_VISIBLE_DEVICES", False),
        ("HOME", False),
    ],
)
def test_which_variables_are_switches(name, switch):
    """Places, devices, thread counts and log levels make no result wrong, and a process may need them."""
    assert (name in kinds.switches({name: "1"})) == switch


def test_a_check_that_saw_a_failure_runs_again_with_it(monkeypatch):
    """Without its witness a failure that another check saw would pass, and look as if the set-up had caused it."""
    asked = []

    class Bare:
        findings = ()

        def __init__(self, options, *_, **__):
            asked.extend(check.id for check in options.checks)

        def run(self):
            yield from ()

    failed = Finding(
        check="torch-uninitialised",
        framework="torch",
        outcome="fail",
        severity="critical",
        kind="release",
        title="t",
        message="m",
        evidence={"seen by": "torch-same-seed"},
    )
    options = Options("python", catalogue.load().checks, setup="setup.py")
    monkeypatch.setattr(kinds, "Audit", Bare)
    list(kinds.settle(SimpleNamespace(options=options, findings=[failed], catalogue=None, privacy=None)))

    assert asked == ["torch-same-seed", "torch-uninitialised"]
