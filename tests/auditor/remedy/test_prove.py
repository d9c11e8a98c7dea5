"""A proof says cured for what a remedy cures, and for nothing else: real processes, and faults planted in them."""

import os
import runpy
import shutil
import sys

import pytest
from remedy_cases import declared, finding, manifest

from auditor import shipped
from auditor.catalogue import catalogue
from auditor.errors import SetupError
from auditor.interpreter import conversation
from auditor.remedy import arms
from auditor.remedy.arms import Conditions, Trial, setup_text
from auditor.remedy.choose import choose
from auditor.remedy.model import Choice, Remedy, Treatment
from auditor.remedy.prove import MOST_RUNS, _measured, _Trials, prove

ORDER = finding("python-hash-seed", framework="python", severity="medium", under={"hash-seed": "identical"})
SEED = Treatment((("PYTHONHASHSEED", "0"),))
ALWAYS_OTHER = "measure = lambda settings: {'order': random.SystemRandom().random()}"
ALWAYS_SAME = "measure = lambda settings: {'order': 1}"
RAISES = "measure = lambda settings: 1 / 0"


@pytest.fixture(autouse=True)
def _bare(monkeypatch):
    monkeypatch.delenv("PYTHONHASHSEED", raising=False)


@pytest.fixture
def checks():
    """Our own catalogue, by id."""
    return {check.id: check for check in catalogue.load().checks}


@pytest.fixture
def planted(tmp_path):
    """A set-up file that puts another `measure` into the check of the hash seed, as a user's own code could."""

    def plant(line):
        path = tmp_path / "mine" / "planted.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"import random\nfrom _auditor_checks.python import hash_seed\nhash_seed.{line}\n")
        return str(path)

    return plant


def remedy_of(treatment, *cured):
    """A remedy of one treatment."""
    return Remedy((Choice(treatment, cured),), (), dict.fromkeys(cured, "high"))


def proof(findings, checks, remedy, setup=""):
    """The proofs, by check."""
    found = prove(findings, checks, remedy, Conditions(sys.executable, setup), lambda _: None)
    return {one.check: one for one in found}


# ------------------------------------------------------------------------------------------------- real processes


def test_a_cure_is_proven_by_runs_that_take_turns(checks):
    """The order of sets differs in each of five runs without the seed, and in none of five with it."""
    found = proof([ORDER], checks, remedy_of(SEED, "python-hash-seed"))["python-hash-seed"]

    assert ("cured", "failed in 5 of 5 runs without the remedy, in 0 of 5 with it") == (found.status, found.reason)
    assert [5, 5] == [len(found.seconds_without), len(found.seconds_with)]


def test_a_fault_that_no_switch_cures_is_not_cured(checks, planted):
    """The negative control: under the same remedy a fault of another kind shows again, and one run decides."""
    remedy = remedy_of(SEED, "python-hash-seed")

    found = proof([ORDER], checks, remedy, planted(ALWAYS_OTHER))["python-hash-seed"]

    assert "not cured" == found.status
    assert 1 == len(found.seconds_with)


def test_a_remedy_that_does_nothing_is_not_cured(checks):
    """A variable that nobody reads leaves the fault where it is."""
    remedy = remedy_of(Treatment((("NCCL_ALGO", "Ring"),)), "python-hash-seed")

    assert "not cured" == proof([ORDER], checks, remedy)["python-hash-seed"].status


def test_a_fault_that_does_not_show_is_not_proven_cured(checks, planted):
    """Without a fault in the runs without the remedy, clean runs with it prove nothing."""
    remedy = remedy_of(SEED, "python-hash-seed")

    found = proof([ORDER], checks, remedy, planted(ALWAYS_SAME))["python-hash-seed"]

    assert "not proven" == found.status
    assert "0 of 3" in found.reason


def test_the_remedy_is_released_where_it_is_set_already(checks, monkeypatch):
    """With the seed in the user's own environment the fault is still seen, since the runs without it take it away."""
    monkeypatch.setenv("PYTHONHASHSEED", "0")

    found = proof([ORDER], checks, remedy_of(SEED, "python-hash-seed"))["python-hash-seed"]

    assert "cured" == found.status
    assert "0" == os.environ["PYTHONHASHSEED"]


def test_what_cannot_be_measured_is_neither_cured_nor_not(checks, planted):
    """A check that raises is not measured; the user's set-up file that raises ends the proof."""
    remedy = remedy_of(SEED, "python-hash-seed")

    assert "not measured" == proof([ORDER], checks, remedy, planted(RAISES))["python-hash-seed"].status
    with pytest.raises(SetupError):
        proof([ORDER], checks, remedy, planted("no_such_name.at_all = 1"))


def test_code_that_fails_in_the_process_is_not_measured(checks, monkeypatch):
    """A remedy's code line that raises there is that side's answer, and no traceback of ours."""
    monkeypatch.setitem(arms.IMPORTS, "json", "import json")
    remedy = remedy_of(Treatment((), "json", ("json.loads('{')",)), "python-hash-seed")

    found = proof([ORDER], checks, remedy)["python-hash-seed"]

    assert "not measured" == found.status
    assert "JSONDecodeError" in found.reason


def test_code_lines_cure_beside_the_users_own_set_up(checks, monkeypatch, planted):
    """A switch that the planted fault obeys: the code line is run, then the user's file, and the fault is gone."""
    monkeypatch.setitem(arms.IMPORTS, "json", "import json")
    switched = ALWAYS_OTHER.replace("random.S", "hasattr(__import__('json'), 'on') or random.S")
    remedy = remedy_of(Treatment((), "json", ("json.on = True",)), "python-hash-seed")

    found = proof([ORDER], checks, remedy, planted(switched))["python-hash-seed"]

    assert "cured" == found.status, found.reason


def test_a_check_unknown_here_is_not_measured(checks):
    """A manifest of another version may hold checks that this one has not."""
    stranger = finding("mine-own")

    found = proof([stranger, ORDER], checks, remedy_of(SEED, "python-hash-seed"))

    assert ("not measured", "cured") == (found["mine-own"].status, found["python-hash-seed"].status)


VARIES = '''"""
The hash of a word is the same under every hash seed.

Why: for tests of a factor that a remedy pins.

Remedy: none.
"""
from ..declare import Check
CHECK = Check(severity="low", tier="quick", rule="identical", across=("hash-seed",))

def measure(settings):
    return {"hash": hash("word")}
'''


LOCAL = VARIES.replace("hash-seed", "locale").replace('hash("word")', '__import__("os").environ.get("LC_ALL")')
WEAK = '''"""
The order repeats where two threads could change it.

Why: for tests of a check that has no power under its own cure.

Remedy: none.
"""
import os, random
from ..declare import Check
CHECK = Check(severity="low", tier="quick", rule="identical", across=("repeat",), requires={"threads": 2})

def measure(settings):
    cured = os.environ.get("NCCL_ALGO") == "Ring"
    order = 1 if cured else random.SystemRandom().random()
    return {"order": order, "conditions": {"threads": 1 if cured else 2}}
'''


@pytest.fixture
def payload(tmp_path, monkeypatch):
    """Our own payload with one more check of Python's; gives the catalogue, by id."""

    def with_check(name, text):
        copy = tmp_path / "checks"
        shutil.copytree(shipped.folder("checks"), copy, ignore=shutil.ignore_patterns("__pycache__"))
        (copy / "python" / f"{name}.py").write_text(text)
        monkeypatch.setattr(conversation, "payload_folder", lambda: copy)
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
        return {check.id: check for check in catalogue.load().checks}

    return with_check


def test_a_factor_that_the_remedy_pins_no_longer_varies(payload):
    """What depends on the hash seed is cured by fixing it, though the check varies it: with the remedy nobody can."""
    checks = payload("varies", VARIES)
    moved = finding("python-varies", framework="python", factors={"hash-seed": ["hash"]})

    remedy = choose(manifest(moved), checks)

    assert {"PYTHONHASHSEED"} == set(remedy.variables())
    assert "cured" == proof([moved], checks, remedy)["python-varies"].status


@pytest.mark.parametrize(("name", "expected"), [("LC_ALL", "cured"), ("NCCL_ALGO", "not cured")])
def test_only_the_factor_that_a_remedy_sets_is_pinned(payload, name, expected):
    """Each arm has the remedy's locale, where it sets one; a remedy that sets something else leaves the arms alone."""
    checks = payload("varies", LOCAL)
    remedy = remedy_of(Treatment(((name, "C"),)), "python-varies")

    assert expected == proof([finding("python-varies", framework="python")], checks, remedy)["python-varies"].status


def test_the_runs_without_a_remedy_show_the_power_of_those_with_it(payload):
    """A race cannot happen on the one thread that cures it: that is a cure, since without it the race was seen."""
    checks = payload("weak", WEAK)
    remedy = remedy_of(Treatment((("NCCL_ALGO", "Ring"),)), "python-weak")

    assert "cured" == proof([finding("python-weak", framework="python")], checks, remedy)["python-weak"].status


def test_what_is_measured_for_a_finding(checks):
    """The values that differed and no others; of a fault that another check saw, both checks with all their values."""
    race, seed, memory = "torch-thread-race", "torch-same-seed", "torch-uninitialised"

    assert {race: ("put_",)} == _measured(finding(race, differing={"put_": 20}), checks)
    assert {seed: ()} == _measured(finding(seed, differing={"losses": 2}, factors={"memory-fill": ["losses"]}), checks)
    assert {memory: (), seed: ()} == _measured(finding(memory, **{"seen by": seed}), checks)
    assert {memory: ()} == _measured(finding(memory, **{"seen by": "no-such"}), checks)


# ------------------------------------------------------------------------------------------------- the confidence


def trials(without, under):
    """Runs by their letters: f fail, p pass, i inconclusive."""
    words = {"f": "fail", "p": "pass", "i": "inconclusive"}
    return _Trials(*([Trial(words[letter], "why", 0.0) for letter in side] for side in (without, under)))


@pytest.mark.parametrize(
    ("without", "under", "expected"),
    [
        ("fffff", "ppppp", "cured"),  # a lower bound of 0.55: 4 runs
        ("ffff", "pppp", "not proven"),  # 0.47: 5 runs
        ("ffpff", "ppppp", "not proven"),  # 0.34: 8 runs
        ("ffpfffff", "pppppppp", "cured"),  # 0.53: 5 runs
        ("fppppppp", "pppppppp", "not proven"),  # 0.006
        ("ppp", "ppp", "not proven"),
        ("fff", "ppf", "not cured"),
        ("ffi", "ppp", "not measured"),
        ("fff", "ppi", "not measured"),
        ("fff", "pif", "not cured"),
    ],
)
def test_luck_is_told_from_cure(without, under, expected):
    """(1 - lower bound) ^ n must be at most 0.05; a failing run decides, an unmeasured one leaves it open."""
    status, _ = trials(without, under).judge()

    assert expected == status


def test_a_fault_that_shows_seldom_gets_more_runs_and_no_end_of_them():
    """Runs go on while they can change the answer: not for what is decided, never shows, or needs too many."""
    assert trials("", "").is_open(3)
    assert trials("ffp", "ppp").is_open(3)
    assert trials("fff", "ppp").is_open(3)
    assert not trials("fffff", "ppppp").is_open(3)
    assert trials("fffff", "ppppp").is_open(6)
    assert not trials("f", "f").is_open(3)
    assert not trials("ppp", "ppp").is_open(3)
    assert not trials("f" + "p" * (MOST_RUNS - 1), "p" * MOST_RUNS).is_open(3)


# ------------------------------------------------------------------------------------------------- the set-up file


def test_the_set_up_file_chains_the_users_own(tmp_path, monkeypatch):
    """Code for what is imported, then the user's file with its own folder first on the path, whatever its name."""
    user = tmp_path / 'it\'s "mine"\nand {odd}.py'
    user.write_text(
        "import json, sys\nassert json.switched\nassert __name__ == 'auditor_setup'\njson.saw = sys.path[0]\n"
    )
    monkeypatch.setitem(arms.IMPORTS, "json", "import json")
    remedy = remedy_of(Treatment((), "json", ("json.switched = True",)), "x")
    absent = Choice(Treatment((), "torch", ("raise SystemExit",)), ("y",))
    generated = tmp_path / "scratch" / "generated.py"
    generated.parent.mkdir()
    generated.write_text(setup_text(Remedy((*remedy.choices, absent)), str(user)))
    monkeypatch.setattr(sys, "path", [str(generated.parent), *sys.path])
    import json

    runpy.run_path(str(generated), run_name="auditor_setup")

    assert str(tmp_path) == json.saw
    assert str(generated.parent) not in sys.path
    del json.saw, json.switched


def test_a_remedy_that_names_one_check_leaves_others_out():
    """Only findings that are asked about are run."""
    assert {} == proof([], declared(("python-hash-seed", "", {})), remedy_of(SEED))
