"""What tests of checks with one arm share: one process, judged as if what explains a difference had been ruled out."""

from __future__ import annotations

import outcomes
import support

from auditor.catalogue import catalogue
from auditor.manifest.models import Reading

FILLS = [{"memory-fill": fill} for fill in ("85", "170", "255")]


def judged(check_id, setup=""):
    """The verdict over one reading; the memory fills that the rule would ask for count as asked and unanswered."""
    values = support.measure(check_id, setup=setup).repeats[0]
    reading = Reading(check=check_id, process="torch-1", values=values)
    return outcomes.judge(catalogue.load().check(check_id), [reading], FILLS)
