"""What tests of JAX's full checks share: the verdict over one faulty reading, without further processes."""

from __future__ import annotations

import jax_readings
import outcomes

from auditor.catalogue import catalogue
from auditor.factors import factors
from auditor.manifest.models import Reading


def judged(check_id, tmp_path, fault):
    """The verdict over a reading in a fresh process with a fault planted, as if asking for its causes told nothing."""
    return verdict(check_id, jax_readings.values(check_id, tmp_path, fault))


def verdict(check_id, values):
    """The verdict over one reading's values."""
    info = catalogue.load().check(check_id)
    asked = [dict(arm) for name in info.explains for arm in factors.arms_alone(name, info.fixed)]
    return outcomes.judge(info, [Reading(check=check_id, process="jax-0", values=values)], asked)


def beyond(found):
    """The names that a verdict of the rule `within` holds to be beyond rounding."""
    return {name for name, kind in found.evidence["classes"].items() if kind == "beyond"}
