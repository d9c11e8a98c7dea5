"""The rule `within` over a ladder of compilers: values named `tensor/rung`."""

from auditor import rules
from auditor.catalogue.catalogue import CheckInfo
from auditor.manifest.models import Reading

CHECK = CheckInfo(
    id="torch-ladder",
    framework="torch",
    title="t",
    why="w",
    remedy="r",
    severity="high",
    tier="full",
    rule="within",
    across=(),
)
LADDER = ["zeta", "alpha", "mid"]
"""Not in the order of the alphabet: a map's keys are sorted in a manifest, so the order must come from here."""


def _value(compiled_error, *, equal=False):
    return {
        "bits_equal": equal,
        "same_shape_and_dtype": True,
        "not_finite": 0,
        "eager_error": (1e-7).hex(),
        "compiled_error": compiled_error.hex(),
        "eps": (2.0**-23).hex(),
        "reduction": 4,
        "scale": (1.0).hex(),
        "compiled": "c",
    }


def _verdict(**errors):
    values = {f"output/{rung}": _value(error, equal=error == 0.0) for rung, error in errors.items()}
    reading = Reading(check=CHECK.id, process="p", values={**values, "conditions": {"ladder": LADDER}})
    return rules.judge(CHECK, [reading])


def test_the_first_rung_that_moves_bits_is_named_in_the_ladders_order():
    """Rounding on the last two rungs is a pass whose message names the earlier of them."""
    verdict = _verdict(zeta=0.0, alpha=1e-7, mid=2e-7)

    assert "pass" == verdict.outcome
    assert {"rung": "alpha", "tensors": ["output"]} == verdict.evidence["first_moved"]
    assert verdict.message.endswith("the first with different bits is alpha (output)")


def test_the_first_rung_beyond_rounding_is_named_apart_from_the_first_that_moved():
    """A later rung that is wrong fails, and the earlier one that only rounds is told apart."""
    verdict = _verdict(zeta=1e-7, alpha=0.0, mid=0.5)

    assert "fail" == verdict.outcome
    assert "mid" == verdict.evidence["first_beyond"]["rung"]
    assert "zeta" == verdict.evidence["first_moved"]["rung"]


def test_a_ladder_of_equal_bits_says_so():
    """Nothing moved: no rung is named."""
    verdict = _verdict(zeta=0.0, alpha=0.0, mid=0.0)

    assert "pass" == verdict.outcome
    assert {"ladder"} == set(verdict.evidence) & {"ladder", "first_moved", "first_beyond"}
    assert "no rung of the ladder gives different bits" in verdict.message
