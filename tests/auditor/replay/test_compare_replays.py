"""Two manifests of `replay --attach`: whether the experiment gave the same bits on both."""

import json

import pytest

from auditor.compare import Side, compare
from auditor.manifest.models import Replay
from auditor.render import comparison as rendered

ONE, TWO = "1" * 64, "2" * 64


def replay(verdict="identical", command=("/usr/bin/python3.11", "train.py"), traces=ONE, stdout=ONE, **more):
    """What a manifest holds of a replay."""
    return Replay(
        verdict=verdict,
        command=list(command),
        runs=3,
        operations=9,
        exit_codes=[0, 0, 0],
        stdout_sha256=stdout,
        traces={"run-1.trace": traces} if traces else {},
        **more,
    )


def compared(one, other, commits=("a", "a")):
    """Two sides that hold nothing else."""
    sides = [
        Side({}, payload_sha256="0f" * 32, replays=tuple(replays), commits=frozenset(commit))
        for replays, commit in zip((one, other), commits, strict=True)
    ]
    return compare(*sides)


@pytest.mark.parametrize(
    ("other", "outcome", "verdict"),
    [
        (replay(), "same-bits", "same"),
        (replay(command=("/opt/env/bin/python", "train.py")), "same-bits", "same"),
        (replay(traces=TWO), "cannot-tell", "cannot-tell"),
        (replay(traces=""), "cannot-tell", "cannot-tell"),
        (replay(traces=TWO, stdout=TWO), "differs", "differs"),
        (replay(traces=TWO, files={"out.pt": ONE}), "differs", "differs"),
        (replay("diverged", stdout=TWO), "unstable", "cannot-tell"),
        (replay("inconclusive"), "unstable", "cannot-tell"),
    ],
)
def test_the_bits_of_one_experiment_on_two_machines(other, outcome, verdict):
    """Equal digests of traces are equal bits; another output is another bit; the rest cannot be told from here."""
    found = compared([replay()], [other])

    assert ([outcome], verdict) == ([one.outcome for one in found.replays], found.verdict)


def test_another_command_is_another_experiment():
    """It stands on one side alone, and nothing follows."""
    found = compared([replay()], [replay(command=("python3", "train.py", "--epochs", "2"), stdout=TWO)])

    assert (["one-side", "one-side"], "same") == ([one.outcome for one in found.replays], found.verdict)


def test_another_commit_is_told():
    """Other bits of another program say nothing of the environment."""
    (found,) = compared([replay()], [replay(traces=TWO, stdout=TWO)], commits=("a", "b")).replays

    assert "the commits of the program differ" in found.reason


def test_the_text_and_the_json_say_it():
    """In a terminal in words, hostile commands inert; for machines with both verdicts."""
    evil = "\x1b[2Jtrain.py"
    found = compared([replay(command=("python", evil))], [replay(command=("python", evil))])
    told = rendered.text(found, ("a", "b"))
    (document,) = json.loads(json.dumps(found.model_dump(mode="json", by_alias=True)))["replays"]

    assert "have the same bits on both sides" in told
    assert "\x1b" not in told
    assert {"outcome": "same-bits", "verdictA": "identical", "tracesEqual": True}.items() <= document.items()
