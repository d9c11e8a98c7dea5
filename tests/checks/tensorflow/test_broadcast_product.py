"""`tensorflow-broadcast-product`: what this release computes wrongly, and the variable that cures it."""

import outcomes
import pytest
from judged import CURED, MARKS, finding

from auditor.catalogue import catalogue
from auditor.manifest.models import Reading

pytestmark = MARKS


def test_what_this_release_computes_wrongly_is_a_failure():
    """On some processors products with an axis of length one are wrong or end their process (tensorflow#123109)."""
    found = finding("broadcast-product")
    broken = found.evidence.get("broken", {})

    assert len(broken) in (0, 3, 4), found.message
    assert ("fail" if broken else "pass") == found.outcome


@pytest.mark.parametrize(("observed", "outcome"), [("wrong in 3 of 8 calls", "fail"), ("right in all calls", "pass")])
def test_a_wrong_product_is_undocumented_and_critical(observed, outcome):
    """Readings as a processor gives them that has the defect, and one that has it not."""
    info = catalogue.load().check("tensorflow-broadcast-product")
    values = {"product": {"expected": "right in all calls", "observed": observed}, "conditions": {"threads": 2}}

    verdict = outcomes.judge(info, [Reading(check=info.id, process="tensorflow-1", values=values)])

    assert (outcome, "critical") == (verdict.outcome, info.severity)
    assert verdict.known == ("undocumented" if outcome == "fail" else None)


def test_without_onednn_every_product_is_right():
    """The same products with `TF_ENABLE_ONEDNN_OPTS=0` in the environment of their process."""
    found = finding("broadcast-product", CURED)

    assert ("pass", 4) == (found.outcome, len(found.evidence["held"])), found.message
