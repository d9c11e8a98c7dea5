"""
Audits of other releases end without an error, and fail exactly the recorded checks, each with a reason.

`make releases` makes the environments; one that is not there is skipped. A new failure is a false alarm, or a fault of
that release, which belongs on the list after a script outside of this program has shown it.
"""

import sys

import pytest
from support import ROOT

sys.path.insert(0, str(ROOT / "tools"))

import releases

COMPILED_FILL = "torch.compile leaves empty tensors unfilled under the determinism switch: seen in a script, 2.14.1"
RACES = "documented races with two threads: 15 results in 20 calls of index_put_(accumulate=True) in a script, 2.14.1"
STALE_SWITCHES = (
    "a compiled function keeps its generator when jax_default_prng_impl changes: in scripts with 0.4.30, 0.10.2 and"
    " 0.12.0.1; with 0.4.30 it also keeps what jax_debug_key_reuse would refuse, and late XLA_FLAGS are ignored"
)
NAN_IGNORED = "jnp.max of 2,048 rows ignores a NaN, wherever it stands: 444 of 444 calls in a script, 0.10.2 alike"
FAILING = {
    "tensorflow-2.16-jax-0.4.30": {
        "jax-flag-takes-effect": STALE_SWITCHES,
        "tensorflow-compiled-eager": "XLA gives -1794967296 for abs(50000 * 50000): seen in a script",
        "tensorflow-flag-takes-effect": "under op determinism, in scripts: weighted bincount gave 4 results in 20"
        " calls, and a function traced before the switch drew unseeded numbers",
        "tensorflow-precision": "a bfloat16 product errs by 0.0064 of the scale in a script, one rounding by 0.0036",
        "tensorflow-uninitialised": "the gradient of a sparse segment sum over nothing is unwritten memory: 4"
        " results in 4 calls in a script",
    },
    "jax-0.12.0.1": {"jax-flag-takes-effect": STALE_SWITCHES, "jax-operator-matrix": NAN_IGNORED},
    "torch-2.14.1": {"torch-flag-takes-effect": COMPILED_FILL, "torch-thread-race": RACES},
}
"""Environment to the checks that fail in its quick audit, each with the reason why that is true."""
FRAMEWORKS = ("torch", "tensorflow", "jax")
"""Other checks judge the environment variables of whoever runs the tests."""


def surprises(found, recorded):
    """What a list of findings says that is not recorded: errors of any check, and other failures of the frameworks'."""
    errors = [f"{one['check']}: {one['message']}" for one in found if one["outcome"] == "error"]
    failed = {one["check"] for one in found if one["outcome"] == "fail" and one["framework"] in FRAMEWORKS}
    return errors, sorted(failed - {*recorded}), sorted({*recorded} - failed)


@pytest.mark.exhaustive
@pytest.mark.alone
@pytest.mark.parametrize("name", FAILING)
def test_an_audit_of_another_release_fails_what_is_recorded_and_nothing_else(name, tmp_path):
    """No error, no false alarm, and no fault that went unseen."""
    environment = next(one for one in releases.ENVIRONMENTS if one.name == name)
    if not environment.is_ready:
        pytest.skip(f"`make releases RELEASES={name}` has not made this environment")

    releases.audit_into(environment, "quick", tmp_path / "audit")

    assert surprises(releases.findings(tmp_path / "audit"), FAILING[name]) == ([], [], [])


def test_every_environment_is_recorded_with_reasons():
    """An environment that this tool makes and that has no list would never be tested."""
    assert {one.name for one in releases.ENVIRONMENTS if one.pins} == {*FAILING}
    assert all(reason for recorded in FAILING.values() for reason in recorded.values())


def test_an_error_a_new_failure_and_a_missing_one_are_surprises():
    """Each of the three is told; what is recorded, and a failure of the user's own settings, is not."""
    found = [
        {"check": "jax-a", "framework": "jax", "outcome": "error", "message": "AttributeError"},
        {"check": "jax-b", "framework": "jax", "outcome": "fail", "message": ""},
        {"check": "jax-c", "framework": "jax", "outcome": "fail", "message": ""},
        {"check": "jax-d", "framework": "jax", "outcome": "pass", "message": ""},
        {"check": "environment-e", "framework": "environment", "outcome": "fail", "message": ""},
    ]

    told = surprises(found, {"jax-c": "recorded", "jax-d": "recorded"})

    assert (["jax-a: AttributeError"], ["jax-b"], ["jax-d"]) == told


def test_numpy_1_and_2_and_three_new_pythons_are_covered():
    """The environments hold NumPy 1.26 and 2, and the Pythons 3.10, 3.12 and 3.13."""
    pins = [pin for one in releases.ENVIRONMENTS for pin in one.pins]

    assert any(pin.startswith("numpy==1.26") for pin in pins)
    assert any(pin.startswith("numpy==2") for pin in pins)
    assert {one.python for one in releases.ENVIRONMENTS} >= {"3.10", "3.12", "3.13"}


def test_a_python_that_the_machine_lacks_is_said():
    """Its rows are skipped with the reason; the others are made."""
    with pytest.raises(releases.SkippedError, match=r"no Python 3\.99"):
        releases.interpreter_of("3.99")
