"""`tensorflow-broadcast-product`: what this release computes wrongly, and the variable that cures it."""

from judged import CURED, MARKS, finding

pytestmark = MARKS


def test_this_release_computes_a_product_wrongly_or_dies():
    """Three products with an axis of length one are wrong or end their process, on two threads (tensorflow#123109)."""
    found = finding("broadcast-product")

    assert ("fail", "critical", "undocumented") == (found.outcome, found.severity, found.known), found.message
    assert 3 <= len(found.evidence["broken"])


def test_without_onednn_every_product_is_right():
    """The same products with `TF_ENABLE_ONEDNN_OPTS=0` in the environment of their process."""
    found = finding("broadcast-product", CURED)

    assert ("pass", 4) == (found.outcome, len(found.evidence["held"])), found.message
