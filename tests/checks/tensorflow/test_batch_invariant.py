"""`tensorflow-batch-invariant`: rounding passes, a layer that looks at other rows is named."""

from judged import MARKS, PLANTED, finding

pytestmark = MARKS


def test_rows_differ_by_rounding_only():
    """Products take another kernel for one row than for two: their last bits move, and nothing fails."""
    found = finding("batch-invariant")

    assert ("pass", 46) == (found.outcome, len(found.evidence["classes"])), found.message
    assert {"same", "rounding"} >= set(found.evidence["classes"].values())


def test_a_layer_that_mixes_rows_is_caught():
    """Planted: a layer adds the mean of the last row of the batch to every row; another is off for a row alone."""
    found = finding("batch-invariant", PLANTED)
    beyond = {name for name, kind in found.evidence["classes"].items() if kind == "beyond"}

    assert ("fail", "wrong") == (found.outcome, found.evidence["class"])
    planted = ("logsumexp", "batch norm at inference")
    assert {f"{layer}, 1 of {size}" for layer in planted for size in (2, 5, 64)} == beyond
