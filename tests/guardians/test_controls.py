"""Every check has a test that judges it, and `tools/controls.py` names the checks that no test saw fail or pass."""

import ast
import importlib.util
import json
import os
import subprocess
import sys

import pytest
from support import ROOT

from auditor.catalogue import catalogue

CHECKS = catalogue.load().checks
JUDGING = {"verdict", "judged", "judge", "finding", "beyond", "broken"}
"""The helpers that note what they saw."""

_spec = importlib.util.spec_from_file_location("controls", ROOT / "tools" / "controls.py")
tool = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(tool)


def noted(check, outcome, test="tests/checks/python/test_a.py::test_a"):
    """One note, as `outcomes` writes it."""
    return {"check": check, "outcome": outcome, "test": test}


@pytest.mark.parametrize(
    ("outcomes", "controls"),
    [
        (["fail", "pass"], []),
        (["recorded"], []),
        (["fail", "inconclusive"], [tool.NEGATIVE]),
        (["pass", "error"], [tool.POSITIVE]),
        ([], [tool.POSITIVE, tool.NEGATIVE]),
    ],
)
def test_a_control_is_missing_unless_an_outcome_shows_it(outcomes, controls):
    """A failure and a pass of the same check are wanted; what is inconclusive shows neither."""
    notes = [noted("python-a", outcome) for outcome in outcomes] + [noted("python-b", "fail")]

    found = tool.missing({"python-a": "tests/checks/python/test_a.py"}, notes)

    assert [("python-a", control, "") for control in controls] == found


def test_a_skipped_test_excuses_only_the_checks_of_its_file():
    """Where the machine lacks what a test needs, its check's controls may be missing; another check's may not."""
    files = {name: tool.own_file(name, "python") for name in ("python-a", "python-b")}
    skip = {"outcome": "skipped", "test": "tests/checks/python/test_a.py::test_a"}

    found = tool.missing(files, [skip])

    assert {"python-a": True, "python-b": False} == {one.check: bool(one.excuse) for one in found}


def test_every_exception_names_a_check_and_a_reason():
    """An exception for a check that is gone would hide nothing, and one without a reason explains nothing."""
    assert {check for check, _ in tool.EXCEPTIONS} <= {check.id for check in CHECKS}
    assert {control for _, control in tool.EXCEPTIONS} <= set(tool.SHOWN_BY)
    assert all(tool.EXCEPTIONS.values())


def test_both_controls_of_all_checks_exit_with_0_and_a_missing_one_with_1(tmp_path, capsys):
    """One note less than all is named."""
    notes = [noted(check.id, outcome) for check in CHECKS for outcome in ("fail", "pass")]
    (tmp_path / "gw0.jsonl").write_text("".join(json.dumps(note) + "\n" for note in notes[:10]))
    (tmp_path / "gw1.jsonl").write_text("".join(json.dumps(note) + "\n" for note in notes[10:]))

    assert 0 == tool.main([str(tmp_path)])
    (tmp_path / "gw0.jsonl").write_text("".join(json.dumps(note) + "\n" for note in notes[1:10]))
    capsys.readouterr()
    assert 1 == tool.main([str(tmp_path)])
    named = capsys.readouterr().out.splitlines()[0]
    assert (True, True) == (named.startswith(f"missing: {CHECKS[0].id}:"), "positive" in named)


def test_without_notes_every_check_lacks_its_controls(tmp_path, capsys):
    """A folder that no test wrote to is no success."""
    assert 1 == tool.main([str(tmp_path / "nothing")])
    assert f"{len(CHECKS)} lack a control" in capsys.readouterr().out


SUITE = """
import outcomes
import pytest
from auditor import rules


def test_that_passes():
    outcomes.note("python-a", rules.Verdict("fail", "planted"))
    outcomes.note("python-a", rules.Verdict("pass", "moved", {"factors": {"isa": ["exp"]}}))
    outcomes.note_names("python-b", {"x"}, 2)
    outcomes.note_names("python-b", set(), 2)
    outcomes.note_names("python-b", set(), 0)


def test_that_fails():
    outcomes.note("python-c", rules.Verdict("pass", "clean"))
    assert False


@pytest.fixture
def broken():
    yield
    raise OSError


def test_whose_teardown_fails(broken):
    outcomes.note("python-c", rules.Verdict("pass", "clean"))


def test_that_is_skipped():
    outcomes.note("python-c", rules.Verdict("pass", "clean"))
    pytest.skip("not here")


@pytest.mark.xfail
def test_that_is_expected_to_fail():
    outcomes.note("python-c", rules.Verdict("pass", "clean"))
    assert False
"""


@pytest.mark.parametrize("workers", [[], ["--numprocesses", "2"]])
def test_only_tests_that_pass_leave_notes(tmp_path, workers):
    """What a failing, skipped or half-torn-down test saw does not count, in one process and in several."""
    (tmp_path / "test_suite.py").write_text(SUITE)
    environment = {**os.environ, "AUDITOR_CONTROLS": str(tmp_path / "notes"), "PYTHONPATH": str(ROOT / "tests")}
    environment.pop("PYTEST_XDIST_WORKER", None)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "outcomes", "-p", "no:cacheprovider", *workers, "."]
    subprocess.run(command, cwd=tmp_path, env=environment, check=False, capture_output=True)

    notes = tool.notes(tmp_path / "notes")
    seen = [(note["check"], note["outcome"]) for note in notes if "check" in note]
    skipped = {note["test"].partition("::")[2] for note in notes if "check" not in note}

    wanted = [("python-a", "fail"), ("python-a", "recorded"), ("python-b", "fail"), ("python-b", "pass")]
    assert (wanted, 5) == (seen, len(notes))
    assert {"test_that_is_skipped"} == skipped


class Judged(ast.NodeVisitor):
    """The texts that reach a helper that judges, in one file: as arguments, or through the names in these."""

    def __init__(self, tree):
        self.texts = set()
        self._bound, self._helpers = {}, set(JUDGING)
        self._bind(tree)
        for function in (node for node in tree.body if isinstance(node, ast.FunctionDef)):
            if not function.name.startswith("test_") and self._judges(function):
                self._helpers.add(function.name)
        self.visit(tree)

    def _judges(self, function):
        return any(isinstance(node, ast.Call) and _called(node) in JUDGING for node in ast.walk(function))

    def _bind(self, tree):
        """Names to the expressions that they may stand for: assignments, loops, and parameters of tests."""
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign):
                pairs = [(target, node.value) for target in node.targets]
            elif isinstance(node, (ast.For, ast.comprehension)):
                pairs = [(node.target, node.iter)]
            elif isinstance(node, ast.Call) and _called(node) == "parametrize":
                pairs = [(ast.Name(name), node.args[1]) for name in _parameters(node.args[0])]
            else:
                continue
            for target, value in pairs:
                for name in (part.id for part in ast.walk(target) if isinstance(part, ast.Name)):
                    self._bound.setdefault(name, []).append(value)

    def visit_Call(self, node):
        """Follow what a helper is called with."""
        if _called(node) in self._helpers:
            for argument in [*node.args, *(keyword.value for keyword in node.keywords)]:
                self._follow(argument, set())
        self.generic_visit(node)

    def _follow(self, expression, passed):
        for node in ast.walk(expression):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                self.texts.add(node.value)
            elif isinstance(node, ast.Name) and node.id not in passed:
                for value in self._bound.get(node.id, ()):
                    self._follow(value, passed | {node.id})


def _called(node):
    """The last part of the name that is called."""
    return getattr(node.func, "attr", getattr(node.func, "id", ""))


def _parameters(node):
    """The names that `parametrize` gives, in a text or a tuple."""
    texts = [part.value for part in ast.walk(node) if isinstance(part, ast.Constant)]
    return [name.strip() for text in texts for name in text.split(",")]


@pytest.fixture(scope="module")
def judged():
    """The ids that the tests of checks judge; tests of TensorFlow's leave the framework out."""
    found = set()
    for path in sorted((ROOT / "tests" / "checks").rglob("test_*.py")):
        texts = Judged(ast.parse(path.read_text(encoding="utf-8"))).texts
        found |= texts | {f"{path.parent.name}-{text}" for text in texts}
    return found


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_every_check_is_judged_by_a_test(check, judged):
    """The quick half of the two controls: `make test-slow` ends with the outcomes that the tests saw."""
    assert check.id in judged


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("support.verdict('a-b')", True),
        ("ID = 'a-b'\nsupport.verdict(ID)", True),
        ("INFO = catalogue.load().check('a-b')\noutcomes.judge(INFO, [])", True),
        ("@pytest.mark.parametrize(('x', 'check'), [(1, 'a-b')])\ndef test(x, check):\n    verdict(check)", True),
        ("[_verdict(name) for name in ('a-b', 'c')]\ndef _verdict(name):\n    return support.verdict(name)", True),
        ("'a-b: verdict, fail and pass'\nsupport.measure('a-b')", False),
        ("ID = 'a-b'\nOTHER = 'c'\nsupport.verdict(OTHER)\nassert '\"fail\"' and '\"pass\"'", False),
    ],
)
def test_a_word_is_no_call(source, found):
    """An id counts where it reaches a helper that judges, whatever else the file says."""
    assert found == ("a-b" in Judged(ast.parse(source)).texts)
