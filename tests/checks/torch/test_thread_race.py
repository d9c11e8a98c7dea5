import os

import outcomes
import pytest
import support
from planting import blamed, setup_file

from auditor.catalogue import catalogue
from auditor.manifest.models import Reading

ID = "torch-thread-race"
INFO = catalogue.load().check(ID)
SWITCH, ONE_THREAD = {"framework-switch": "on"}, {"threads": "1"}
pytestmark = [
    pytest.mark.frameworks,
    pytest.mark.slow,
    pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="a race needs two processors"),
]


def test_only_what_torch_documents_races():
    """Equal inputs give other bits from call to call in what the page of the switch lists, if in any."""
    verdict = support.verdict(ID, repeats=5)

    assert blamed(verdict) <= set(INFO.documented)
    assert "undocumented" != verdict.known


def _calls(settings, moved=()):
    """Twenty readings under these settings; in every second one other results of what moved."""
    same = {**dict.fromkeys(["index_put_ accumulate", "index_add_"], "00" * 32), "conditions": {"threads": 2}}
    calls = [same, {**same, **dict.fromkeys(moved, "ab" * 32)}] * 10
    return [
        Reading(check=ID, process=str(settings), repeat=number, settings=settings, values=values)
        for number, values in enumerate(calls)
    ]


@pytest.mark.parametrize(
    ("moved", "known", "severity", "tried"),
    [
        ("index_put_ accumulate", "documented-and-cured", "low", ["framework-switch"]),
        ("index_add_", "undocumented", None, ["framework-switch", "one-thread"]),
    ],
)
def test_a_race_that_the_switch_cures_is_known_where_torch_documents_it(moved, known, severity, tried):
    """Readings as a race gives them when its threads meet, chance on a busy machine; a known one is not explained."""
    readings = _calls({}, [moved]) + _calls(SWITCH) + _calls(ONE_THREAD)

    verdict = outcomes.judge(INFO, readings, [{}, SWITCH, ONE_THREAD])

    assert ("fail", known, severity) == (verdict.outcome, verdict.known, verdict.severity)
    assert {moved: 2} == verdict.evidence["differing"]
    assert dict.fromkeys(tried, "identical") == verdict.evidence["under"]


def test_under_the_switch_nothing_races(tmp_path):
    """With the determinism switch set, as a user would set it, all calls agree."""
    setup = setup_file(tmp_path, "torch.use_deterministic_algorithms(True)")

    verdict = support.verdict(ID, setup=setup, repeats=5)

    assert "pass" == verdict.outcome


def test_one_thread_proves_nothing(tmp_path):
    """Agreement with a single intra-op thread is inconclusive, not a pass."""
    verdict = support.verdict(ID, setup=setup_file(tmp_path, "torch.set_num_threads(1)"), repeats=2)

    assert "inconclusive" == verdict.outcome
    assert "threads" in verdict.message


def test_every_call_is_really_made():
    """Without the switch no call is refused; under it only the one that torch cannot order."""
    plain = support.measure(ID).repeats[0]
    switched = support.measure(ID, settings={"framework-switch": "on"}).repeats[0]

    assert [] == _refused(plain)
    assert ["put_"] == _refused(switched)
    assert 2 <= plain["conditions"]["threads"]


def _refused(values):
    return [name for name, value in values.items() if isinstance(value, str) and value.startswith("refused")]
