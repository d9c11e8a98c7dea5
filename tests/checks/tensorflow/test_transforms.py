"""`tensorflow-transforms`: every form agrees with its plain form, and one that is off is named."""

from judged import CURED, MARKS, PLANTED, finding

pytestmark = MARKS


ROLLED = "vectorized_map, roll over an axis from the end"
"""Wrong in the audited TensorFlow: the axis is counted without that of the rows."""


def test_transformed_programs_differ_by_rounding_only():
    """Derivatives, maps and loops agree with their plain forms, against float64, but for one defect of TensorFlow."""
    found = finding("transforms")
    beyond = [name for name, kind in found.evidence["classes"].items() if kind == "beyond"]

    assert ("fail", [ROLLED], 45) == (found.outcome, beyond, len(found.evidence["classes"])), found.message


def test_the_remedy_of_the_docstring_cures_it():
    """An axis that is counted from the front is the right one in `vectorized_map` as well."""
    found = finding("transforms", CURED)

    assert ("pass", 45) == (found.outcome, len(found.evidence["classes"])), found.message


def test_a_loop_that_is_a_thousandth_off_is_caught():
    """Planted: `tf.foldl` scales by 1.001; its value and its gradient are named as well, and nothing else."""
    found = finding("transforms", PLANTED)
    beyond = {name for name, kind in found.evidence["classes"].items() if kind == "beyond"}

    assert ("fail", {ROLLED, "foldl", "foldl, gradient"}) == (found.outcome, beyond)
