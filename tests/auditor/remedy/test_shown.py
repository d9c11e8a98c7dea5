"""Every format sets what the remedy says, whatever the values hold: read by real shells, Python, and Docker's rules."""

import ast
import json
import re
import subprocess
import sys

import docker_reader
import hostile
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.factors.cures import CURES, IMPORTS
from auditor.quoting import dockerfile
from auditor.remedy.model import ByHand, Choice, Remedy, RemedyProof, Treatment, exit_code
from auditor.render import remedy as shown

NASTY = (
    "'; touch pwned; '",
    '"; touch pwned; "',
    "$(touch pwned)",
    "`touch pwned`",
    "${HOME}",
    "a b  c",
    "\\",
    "\\'",
    "# x",
    "!!",
    "~",
    "*",
    "%s",
    "{x}",
    "-n",
    "=",
    "ü€",
)
CHECK_IDS = ("x\ntouch pwned", "x'\"`$(touch pwned)", "# escape=`", "\x1b[31m", "a\\", "]]>", '"""')


def remedy_of(*values, name="NCCL_ALGO", checks=("a-check",), code=()):
    """A remedy of one variable for each value, `NAME`, `NAME1`, ..."""
    choices = [
        Choice(Treatment(((f"{name}{number or ''}", value),)), tuple(checks)) for number, value in enumerate(values)
    ]
    choices += [Choice(Treatment((), framework, lines), tuple(checks)) for framework, lines in code]
    return Remedy(tuple(choices), (ByHand(checks[0], "high", checks[0]),), dict.fromkeys(checks, "high"), tuple(checks))


def wanted(remedy):
    """Name to value, as every format must set it."""
    return {name: " ".join(values) for name, (values, _) in remedy.variables().items()}


def after_shell(text, tmp_path, shell="sh", **environment):
    """The environment after sourcing a text, and the files that it made."""
    script = tmp_path / "exports.sh"
    script.write_text(text)
    command = [
        shell,
        "-c",
        f'. ./exports.sh && exec "{sys.executable}" -c "import json, os; print(json.dumps(dict(os.environ)))"',
    ]
    done = subprocess.run(command, capture_output=True, check=True, cwd=tmp_path, env=environment, text=True)
    assert [script] == [*tmp_path.iterdir()]
    return json.loads(done.stdout)


@pytest.mark.parametrize("shell", ["sh", "bash"])
def test_a_shell_sets_every_nasty_value_and_runs_nothing(tmp_path, shell):
    """All values at once, with ids of checks that try to leave their comments."""
    remedy = remedy_of(*NASTY, checks=CHECK_IDS)

    seen = after_shell(shown.shell(remedy, CHECK_IDS), tmp_path, shell)

    assert wanted(remedy) == {name: value for name, value in seen.items() if name in wanted(remedy)}


def test_a_shell_adds_flags_to_those_that_are_set(tmp_path):
    """XLA_FLAGS keeps what the user's job has; alone it has no leading space."""
    text = shown.shell(remedy_of("--xla_gpu_deterministic_ops=true", name="XLA_FLAGS"), ())

    assert "--mine --xla_gpu_deterministic_ops=true" == after_shell(text, tmp_path, XLA_FLAGS="--mine")["XLA_FLAGS"]
    assert "--xla_gpu_deterministic_ops=true" == after_shell(text, tmp_path)["XLA_FLAGS"]


def test_a_dockerfile_sets_every_nasty_value_literally():
    """Read by Docker's own rules: nothing is substituted, no instruction but ENV, no parser directive."""
    remedy = remedy_of(*NASTY, checks=CHECK_IDS)

    seen = docker_reader.dockerfile(shown.containerfile(remedy, CHECK_IDS))

    assert wanted(remedy) == seen.pairs("ENV")
    assert {"ENV"} == set(seen.names())
    assert {} == seen.directives


def test_a_snippet_sets_every_nasty_value_and_runs_nothing(tmp_path):
    """A real Python imports it and finds the variables set."""
    remedy = remedy_of(*NASTY, checks=CHECK_IDS)
    (tmp_path / "cured.py").write_text(shown.python(remedy, CHECK_IDS), encoding="utf-8")

    command = [sys.executable, "-B", "-c", "import cured, json, os; print(json.dumps(dict(os.environ)))"]
    done = subprocess.run(command, capture_output=True, check=True, cwd=tmp_path, env={}, text=True)

    assert wanted(remedy).items() <= json.loads(done.stdout).items()
    assert [tmp_path / "cured.py"] == [*tmp_path.iterdir()]


def snippet(text, tmp_path, before="", **environment):
    """What a program says that imports the snippet: its result, and the end of its complaint."""
    (tmp_path / "cured.py").write_text(text)
    command = [sys.executable, "-B", "-c", f"{before}\nimport cured, os; print(os.environ.get('XLA_FLAGS'))"]
    done = subprocess.run(command, capture_output=True, check=False, cwd=tmp_path, env=environment, text=True)
    return done.returncode, done.stdout.strip() or done.stderr.strip().splitlines()[-1]


def test_a_snippet_refuses_what_comes_too_late(tmp_path):
    """The hash seed cannot be set from inside, so it is demanded; other variables want to come before the imports."""
    seed = shown.python(remedy_of("0", name="PYTHONHASHSEED"), ())
    flags = shown.python(remedy_of("--one", name="XLA_FLAGS"), ())

    code, told = snippet(seed, tmp_path)
    assert 1 == code
    assert "start this program with PYTHONHASHSEED=0" in told
    assert (0, "None") == snippet(seed, tmp_path, PYTHONHASHSEED="0")
    assert (0, "--mine --one") == snippet(flags, tmp_path, XLA_FLAGS="--mine")
    assert (0, "--one") == snippet(flags, tmp_path)
    code, told = snippet(flags, tmp_path, before="import sys; sys.modules['torch'] = sys")
    assert 1 == code
    assert "before any framework" in told


def test_a_snippets_code_lines_follow_their_frameworks_import():
    """Variables, then each import, then its lines: for all of our own cures together it is Python."""
    code = [(framework, lines) for cure in CURES.values() for framework, lines in cure.code.items()]
    text = shown.python(remedy_of("Ring", code=code), ())

    ast.parse(text)
    lines = text.splitlines()
    assert lines.index("os.environ[\"NCCL_ALGO\"] = 'Ring'") < lines.index("import torch")
    for framework, told in code:
        assert all(lines.index(IMPORTS[framework]) < lines.index(line) for line in told)


@settings(max_examples=60)
@given(st.lists(hostile.texts, max_size=3), st.lists(hostile.texts, min_size=1, max_size=3))
def test_hostile_text_is_quoted_or_refused(values, ids):
    """Either a value has no literal form and is refused, or each format sets it and nothing else."""
    remedy = remedy_of(*values, checks=[*dict.fromkeys(ids)])
    try:
        texts = {name: render(remedy, ids) for name, render in shown.FORMATS.items()}
    except ValueError:
        assert not all(dockerfile.usable_value(value) for value in values)
        return

    assert wanted(remedy) == docker_reader.dockerfile(texts["dockerfile"]).pairs("ENV")
    body = ast.parse(texts["python"]).body
    assert wanted(remedy) == {
        node.targets[0].slice.value: node.value.value for node in body if isinstance(node, ast.Assign)
    }
    others = [line for line in texts["shell"].splitlines() if line and not line.startswith(("# ", "export "))]
    assert [] == others
    assert all(text.isprintable() for text in shown.text(remedy, ids).splitlines())


@pytest.mark.parametrize("name", ["A B", "A=B", "A;id", "", "1A", "A\n"])
def test_a_name_that_is_none_is_refused(name):
    """No format writes it."""
    for render in shown.FORMATS.values():
        with pytest.raises(ValueError, match="form"):
            render(remedy_of("1", name=name), ())


# ------------------------------------------------------------------------------------------- what people are told


PROVEN = RemedyProof("a-check", "cured", "seen in 3 of 3 runs", (1.0, 1.1, 9.0), (2.0, 2.2, 2.4))


def test_the_cost_is_the_ratio_of_medians():
    """One slow first run moves no median; short times and few runs have no ratio."""
    assert 2.0 == PROVEN.ratio
    assert "time 2.00 times (1.00 to 9.00 s, with it 2.00 to 2.40 s; 3 runs each)" in shown.cost(PROVEN)
    assert RemedyProof("a", "cured", "", (0.01,) * 3, (0.02,) * 3).ratio is None
    assert RemedyProof("a", "cured", "", (1.0,), (2.0,)).ratio is None
    assert "" == shown.cost(RemedyProof("a", "not measured", ""))


def test_people_read_what_is_proven_and_what_is_left():
    """The text names the standing of each finding, the proof with its cost, and what wants hands."""
    remedy = remedy_of("Ring")

    told = re.sub(r"\s+", " ", shown.text(remedy, ["Written by auditor."], [PROVEN]))

    assert "NCCL_ALGO=Ring: cures a-check (proven)" in told
    assert "a-check: proven; seen in 3 of 3 runs; time 2.00 times" in told
    assert "alternate with and without the remedy" in told
    assert "a-check (declared)" in shown.text(remedy, [])


@pytest.mark.parametrize(
    ("by_hand", "status", "threshold", "expected"),
    [
        (False, None, "high", 0),
        (True, None, "high", 1),
        (True, None, "critical", 0),
        (False, "cured", "high", 0),
        (True, "cured", "high", 0),
        (False, "not cured", "high", 1),
        (False, "not proven", "high", 1),
        (False, "not proven", "critical", 0),
        (False, "not measured", "high", 3),
        (True, "not measured", "high", 1),
    ],
)
def test_exit_codes(by_hand, status, threshold, expected):
    """0 cured, 1 left or not proven at or above the threshold, 3 not measured."""
    left = (ByHand("a-check", "high", ""),) if by_hand else ()
    remedy = Remedy((), left, {"a-check": "high"})
    proofs = None if status is None else [RemedyProof("a-check", status, "")]

    assert expected == exit_code(remedy, proofs, threshold)
