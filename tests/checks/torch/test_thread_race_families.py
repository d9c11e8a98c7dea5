import os

import outcomes
import pytest
import support
from planting import setup_file

from auditor.catalogue import catalogue
from auditor.manifest.models import Reading

pytestmark = [
    pytest.mark.frameworks,
    pytest.mark.slow,
    pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="a race needs two processors"),
]

ID = "torch-thread-race-families"
TOLD = [{"framework-switch": "on"}, {"threads": "1"}]


def _calls(repeats=20, **more):
    return support.measure(ID, repeats=repeats, **more).repeats


def _judged(calls):
    readings = [
        Reading(check=ID, process="torch-1", repeat=number, settings={}, values=values)
        for number, values in enumerate(calls)
    ]
    return outcomes.judge(catalogue.load().check(ID), readings, TOLD)


def test_compiled_index_add_races_where_eager_does_not():
    """
    Inductor adds with atomics: torch documents it for `index_put_`, and not for `index_add`; eager repeats.

    Whether threads meet is chance on a busy machine. So one call is given another result of both that may race.
    """
    racing, steady = {"compiled index_add_", "compiled index_put_ accumulate"}, {"fold", "compiled gather backward"}
    calls = _calls(names=racing | steady)

    moved = {name for name in racing | steady if len({call[name] for call in calls}) > 1}
    verdict = _judged([*calls, {**calls[0], **dict.fromkeys(racing, "ab" * 32)}])

    assert moved <= racing
    assert ("fail", "undocumented") == (verdict.outcome, verdict.known)
    assert racing == set(verdict.evidence["differing"])
    assert ["compiled index_add_"] == verdict.evidence["undocumented"]


@pytest.mark.exhaustive
def test_every_call_is_really_made():
    """Each family is there, eager and compiled, and without the switch no call is refused."""
    values = support.measure(ID).repeats[0]

    assert 30 < len(values)
    assert {"histogram weights", "segment_reduce backward", "compiled embedding backward"} <= set(values)
    assert [] == [name for name, value in values.items() if str(value).startswith("refused")]


def test_under_the_switch_compiled_code_repeats(tmp_path):
    """With the determinism switch set before compiling, as a user would set it, all calls agree."""
    names = ["compiled index_add_", "compiled index_put_ accumulate", "compiled embedding backward"]

    verdict = _judged(_calls(setup=setup_file(tmp_path, "torch.use_deterministic_algorithms(True)"), names=names))

    assert "pass" == verdict.outcome
