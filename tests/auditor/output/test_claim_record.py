"""A claim in a manifest, and what a reviewer takes from it: all of it may be a stranger's."""

import pytest

from auditor.claim.asked import asked
from auditor.errors import ManifestError, UsageError
from auditor.output.claim_record import again, record

FIVE = [0.911, 0.915, 0.909, 0.917, 0.913]


def claim(**changed):
    """A claim that was judged by five runs with the seeds of the paper."""
    fields = {"kind": "sd", "reported_runs": None, "seeds": 0, "seed_values": "0,1,2,3,4", "seed_argument": "--seed={}"}
    return record(asked(metric="a=(.*)", reported="0.913 ± 0.0032", **fields | changed), ["python", "eval.py"], FIVE)


@pytest.mark.parametrize("changed", [{}, {"seed_values": "", "seeds": 5, "reported_runs": 7, "kind": "sem"}])
def test_a_claim_comes_back_as_it_was_asked(changed):
    """The same number, rule, seeds and argument."""
    found = again([claim(**changed)], "")

    assert ("0.913 ± 0.0032", ("0", "1", "2", "3", "4")) == (found.reported, found.seeds)
    assert (not changed, changed.get("reported_runs", 5)) == (found.same_seeds, found.stated.runs)
    assert ("a=(.*)", "--seed={}") == (found.metric, found.seed_argument)


def test_figures_are_kept_exactly():
    """And those that a verdict does not need are empty."""
    same, other = claim(), claim(seed_values="", seeds=5, reported_runs=5)

    assert [value.hex() for value in FIVE] == same.values
    assert ("confirmed", "", "n-1") == (same.verdict, same.low, same.divisor)
    assert ("too-few-runs", None) == (other.verdict, other.needed)
    assert float.fromhex(other.low) < 0.913 < float.fromhex(other.high)


@pytest.mark.parametrize(
    "changed",
    [
        {"reported": "0.9; rm -rf /"},
        {"reported": "1e999999999"},
        {"reported_runs": 0},
        {"reported_runs": 10**7},
        {"reported_runs": 4},
        {"seeds": []},
        {"seeds": ["0", "1", "2", "3", "--exec=x"]},
        {"seeds": ["0", "1", "2", "3", "3"]},
        {"spread": ""},
    ],
)
def test_a_claim_that_no_command_line_gives_is_refused(changed):
    """Nothing is run for it."""
    with pytest.raises(ManifestError):
        again([claim().model_copy(update=changed)], "")


@pytest.mark.parametrize("count", [0, 2])
def test_a_manifest_with_no_claim_or_several_is_refused(count):
    """There is one command, and so one claim."""
    with pytest.raises(ManifestError, match="claim"):
        again([claim()] * count, "")


@pytest.mark.parametrize(
    "argument", ["-c import os; {}", "{}", "--seed={}; x", "--exec={}/bin", "$(x){}", "--seed=\n{}", "--{}{}"]
)
def test_an_argument_that_could_be_more_than_a_seed_is_the_reviewers_to_give(argument):
    """The manifest's would be added to his command."""
    strange = claim().model_copy(update={"seed_argument": argument})

    with pytest.raises(UsageError, match="no plain name"):
        again([strange], "")
    assert "--seed {}" == again([strange], "--seed {}").seed_argument


@pytest.mark.parametrize("argument", ["--seed={}", "seed={}", "--trainer.seed={}", "-s{}", "--seed {}"])
def test_a_plain_seed_argument_is_taken_over(argument):
    """A name and a number."""
    assert argument == again([claim().model_copy(update={"seed_argument": argument})], "").seed_argument
