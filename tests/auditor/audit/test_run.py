"""The audit loop with real processes: planning, filing, asking again, one finding for one fault, interruption."""

import sys

import pytest

from auditor.audit import plan
from auditor.audit.findings import merge
from auditor.audit.run import Audit, Options
from auditor.catalogue import catalogue
from auditor.catalogue.catalogue import CheckInfo
from auditor.errors import SetupError
from auditor.manifest.models import Finding


def run(*only, **options):
    known = catalogue.load()
    audit = Audit(Options(sys.executable, catalogue.select(known.checks, only=only), facts=False, **options), known)
    audit.events = list(audit.run())
    return audit


def test_a_finding_for_every_check_and_a_crash_is_only_its_own(payload):
    """A segfault, a hang and an exception beside good checks: each an error with its reason, the rest judged."""
    payload("aa_good", "    return {'x': 1}")
    payload("bb_dies", "    import ctypes; ctypes.string_at(0)")
    payload("cc_raises", "    raise RuntimeError('planted')")
    payload("dd_hangs", "    import time; time.sleep(99)")
    payload("ee_good", "    return {'x': 2}")
    audit = run(
        *(f"python-{name}" for name in ("aa-good", "bb-dies", "cc-raises", "dd-hangs", "ee-good")), timeout_seconds=8
    )
    found = {finding.check: finding for finding in audit.findings}

    assert {name: finding.outcome for name, finding in found.items()} == {
        "python-aa-good": "pass",
        "python-bb-dies": "error",
        "python-cc-raises": "error",
        "python-dd-hangs": "error",
        "python-ee-good": "pass",
    }
    assert "SIGSEGV" in found["python-bb-dies"].message
    assert "bb_dies.py" in found["python-bb-dies"].evidence["stderr"]
    assert "planted" in found["python-cc-raises"].message
    assert "no answer within 8 s" in found["python-dd-hangs"].message


def test_findings_stream_as_they_come(payload):
    """The events hold every finding once, before the run is over."""
    payload("one", "    return {'x': 1}")
    payload("two", "    return {'x': 1}", across=("process",))
    audit = run("python-one", "python-two")

    assert sorted(event.check for event in audit.events if isinstance(event, Finding)) == ["python-one", "python-two"]


def test_a_dependence_on_the_hash_seed_is_bisected(payload):
    """The perturbed process differs; asked again, only the hash seed is guilty, and it is one finding."""
    body = "    import os\n    return {'x': os.environ.get('PYTHONHASHSEED', 'unset') if settings else 'unset'}"
    payload("order", body, across=("repeat", "process", "perturbed"))
    audit = run("python-order")
    (finding,) = audit.findings

    assert finding.outcome == "fail"
    assert finding.evidence["factors"] == {"hash-seed": ["x"]}


def test_suspects_of_all_checks_are_confirmed_together_by_coin(payload):
    """Two checks depend on the seed, a third differs by process: the first two are named, in nine processes each."""
    depends = "    import os\n    return {'x': os.environ.get('PYTHONHASHSEED', 'unset')}"
    payload("aa_depends", depends, across=("hash-seed",))
    payload("bb_depends", depends, across=("hash-seed",))
    payload("cc_flaky", "    import os\n    return {'x': os.urandom(2).hex()}", across=("process", "hash-seed"))
    audit = run("python-aa-depends", "python-bb-depends", "python-cc-flaky")
    found = {item.check: item for item in audit.findings}
    coins = {one.process: one.settings["confirm"] for one in audit.readings if "confirm" in one.settings}

    assert [{"hash-seed": ["x"]}, {"hash-seed": ["x"]}, {}] == [one.evidence["factors"] for one in found.values()]
    assert "cause not established" in found["python-cc-flaky"].message
    assert {f"{place}/9" for place in range(1, 10)} == {*coins.values()}
    assert audit.confirming.processes == len(coins)
    assert audit.seconds > 0 < audit.confirming.seconds
    assert {"0", "1"} == {one.settings.get("hash-seed") for one in audit.readings if "confirm" in one.settings}


def test_a_race_under_a_cure_is_low(payload):
    """The loop asks for the cure, measures it, and the severity follows what was measured."""
    payload(
        "race",
        "    import os\n    return {'x': 0 if settings.get('framework-switch') else os.urandom(4).hex()}",
        more="cure='framework-switch', documented={'x': 'https://example.org'}, repeats=20",
    )
    lenient, strict = run("python-race"), run("python-race", require_deterministic=True)

    assert [(item.known, item.severity) for item in lenient.findings] == [("documented-and-cured", "low")]
    assert [(item.known, item.severity) for item in strict.findings] == [("documented-and-cured", "high")]


def test_more_runs_buy_more_certainty(payload):
    """`--runs` raises repeats and untouched processes, and the finding says so."""
    payload("calm", "    return {'x': 1}", across=("repeat", "process"))
    few, many = run("python-calm"), run("python-calm", runs=5)

    assert few.confirming.processes == 0

    assert few.findings[0].evidence["readings"] == 4
    assert many.findings[0].evidence["readings"] == 25
    assert many.findings[0].evidence["processes"] == 5


def test_a_deviation_stands_even_if_another_process_crashed(payload):
    """What was measured to differ is not forgotten because something else went wrong."""
    payload(
        "both",
        "    import os\n    if settings: os._exit(9)\n    return {'x': os.urandom(4).hex()}",
        across=("repeat", "hash-seed"),
    )
    (finding,) = run("python-both").findings

    assert finding.outcome == "fail"
    assert "exit code 9" in finding.evidence["troubles"][0]


def test_agreement_does_not_stand_when_an_arm_crashed(payload):
    """Clean readings and one crashed arm: an error, not a pass."""
    payload("half", "    import os\n    if settings: os._exit(9)\n    return {'x': 1}", across=("repeat", "hash-seed"))
    (finding,) = run("python-half").findings

    assert finding.outcome == "error"
    assert "hash-seed" in finding.message


def test_a_set_up_file_that_fails_ends_the_audit(payload, tmp_path):
    """Measuring under settings that were never made would be a false proof."""
    payload("one", "    return {'x': 1}")
    setup = tmp_path / "setup.py"
    setup.write_text("import nowhere_at_all")

    with pytest.raises(SetupError, match="nowhere_at_all"):
        run("python-one", setup=str(setup))


def test_a_set_up_file_runs_before_every_check(payload, tmp_path):
    """The user's own switches are in force when a check measures."""
    payload("sees", "    import sys\n    return {'x': getattr(sys, 'planted_by_setup', 'absent')}")
    setup = tmp_path / "setup.py"
    setup.write_text("import sys\nsys.planted_by_setup = 'here'")
    audit = run("python-sees", setup=str(setup))

    assert {reading.values["x"] for reading in audit.readings} == {"here"}


def info(check_id, **declared):
    defaults = {"title": "T.", "why": "w", "remedy": "r", "severity": "high", "tier": "quick", "rule": "identical"}
    return CheckInfo(id=check_id, framework=check_id.split("-")[0], **{**defaults, "across": ("repeat",), **declared})


def finding(check_id, outcome, **evidence):
    return Finding(
        check=check_id, framework="torch", outcome=outcome, severity="high", title="T.", message="m", evidence=evidence
    )


def test_one_fault_makes_one_finding():
    """The training step moved with the memory fill: the uninitialised check gets it, same-seed passes."""
    checks = {name: info(name) for name in ("torch-same-seed", "torch-uninitialised")}
    found = [finding("torch-same-seed", "fail", contract="uninitialised"), finding("torch-uninitialised", "pass")]
    merged = {item.check: item for item in merge(found, checks)}

    assert merged["torch-same-seed"].outcome == "pass"
    assert merged["torch-uninitialised"].outcome == "fail"
    assert merged["torch-uninitialised"].evidence["seen by"] == "torch-same-seed"


def test_a_fault_whose_contract_did_not_run_stays_where_it_was_seen():
    """Nothing is lost when the contract's own check is not part of the audit."""
    checks = {"torch-same-seed": info("torch-same-seed")}
    merged = merge([finding("torch-same-seed", "fail", contract="uninitialised")], checks)

    assert [item.outcome for item in merged] == ["fail"]


def test_quiet_checks_share_no_process_with_others():
    """A race is measured while nothing else of ours runs."""
    wanted = [(check, plan.first_arms(check)) for check in (info("torch-a-b"), info("torch-c-d", quiet=True))]
    jobs = plan.jobs_for(wanted)

    assert sorted((job.quiet, tuple(job.checks())) for job in jobs) == [(False, ("torch-a-b",)), (True, ("torch-c-d",))]


@pytest.mark.parametrize(
    ("settings", "runs", "calls"),
    [
        ({}, 0, 5),
        ({"memory-fill": "85"}, 0, 1),
        ({"hash-seed": "1", "memory-fill": "85", "tmp": "other"}, 0, 1),
        ({"memory-fill": "85"}, 7, 7),
        ({"threads": "1"}, 0, 5),
        ({"memory-fill": "85", "confirm": "1/9"}, 0, 5),
    ],
)
def test_one_call_is_enough_where_nothing_may_depend_on_what_is_set(settings, runs, calls):
    """Whether calls agree is measured in unchanged processes; --runs asks for more everywhere."""
    assert calls == plan.repeats(info("torch-a-b", across=("repeat", "memory-fill"), repeats=5), runs, settings)


def test_checks_that_isolate_have_a_process_of_their_own():
    """What cannot be undone is done where nothing follows it."""
    checks = [info("torch-a-b"), info("torch-c-d"), info("torch-e-f", isolates=True), info("torch-g-h", compiles=True)]
    jobs = plan.jobs_for([(check, plan.first_arms(check)) for check in checks])

    assert sorted(tuple(job.checks()) for job in jobs) == [("torch-a-b", "torch-c-d"), ("torch-e-f",), ("torch-g-h",)]


def test_checks_with_one_word_share_a_process_that_others_may_not():
    """One that is declared last follows the other, and settings that a process changes follow all that it keeps."""
    word = {"isolates": True, "together": "raw", "across": ("process", "memory-fill")}
    checks = [info("torch-a-b"), info("torch-c-d", last=True, **word), info("torch-e-f", **word)]
    jobs = plan.jobs_for([(check, plan.first_arms(check)) for check in checks])
    (filled,) = [job for job in jobs if "memory-fill" in job.settings]

    assert [("torch-a-b",)] + [("torch-e-f", "torch-c-d")] * 3 == [tuple(job.checks()) for job in jobs]
    assert ["e-f", "c-d"] == [step["check"][6:] for step in filled.steps if "settings" not in step]
    assert ["settings" in step for step in filled.steps] == sorted("settings" in step for step in filled.steps)


def test_a_check_declared_last_ends_the_last_shared_process_that_starts_as_its_own():
    """It follows steps with settings of their own, and facts never follow it."""
    last = {"isolates": True, "last": True}
    varied = info("torch-a-b", across=("process", "memory-fill"))
    checks = [info("torch-e-f", **last), info("torch-g-h", **last), varied, info("torch-i-j", compiles=True, **last)]
    jobs = plan.jobs_for([(check, plan.first_arms(check)) for check in checks])
    groups = [catalogue.FactGroup(name="torch_after", framework="torch", when="after")]

    told = sorted((tuple(job.checks()), job.leaving) for job in jobs if "memory-fill" not in job.settings)
    assert [
        (("torch-a-b", "torch-e-f"), 1),
        (("torch-a-b", "torch-g-h"), 1),
        (("torch-i-j",), 0),
    ] == told
    (with_facts,) = [job for job in plan.with_facts(jobs, groups, ["torch"]) if {"facts": "torch_after"} in job.steps]
    assert [next(iter(step.values())) for step in with_facts.steps][1] == "torch_after"
    assert 3 == len(with_facts.steps)


def test_the_first_process_is_untouched_and_has_the_facts():
    """Facts come from a process in the user's own environment, before and after its checks."""
    check = info("torch-a-b", across=("repeat", "process", "perturbed"))
    groups = [
        catalogue.FactGroup(name="torch", framework="torch"),
        catalogue.FactGroup(name="torch_after", framework="torch", when="after"),
        catalogue.FactGroup(name="host"),
    ]
    jobs = plan.with_facts(plan.jobs_for([(check, plan.first_arms(check))]), groups, ["torch"])
    (with_facts,) = [job for job in jobs if {"facts": "torch"} in job.steps]

    assert with_facts.settings == {}
    assert [next(iter(step.values())) for step in with_facts.steps] == ["torch", "torch-a-b", "torch_after"]
    assert [job.steps for job in jobs if job.framework == ""] == [({"facts": "host"},)]


def test_a_framework_that_dies_on_import_costs_one_process(tmp_path, monkeypatch):
    """Every check of it is an error that says why; the others are judged, and nothing is imported again and again."""
    broken = tmp_path / "torch"
    broken.mkdir()
    journal = tmp_path / "journal"
    broken.joinpath("__init__.py").write_text(
        f"import ctypes, os\nos.write(os.open({str(journal)!r}, os.O_CREAT | os.O_APPEND | os.O_WRONLY), b'x')\n"
        "ctypes.string_at(0)\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    known = catalogue.load()
    checks = catalogue.select(known.checks, only=["torch-same-seed", "torch-uninitialised", "python-hash-seed"])
    audit = Audit(Options(sys.executable, checks, facts=True, frameworks=["torch"], jobs=1), known)
    list(audit.run())
    found = {finding.check: finding for finding in audit.findings}

    assert found["torch-same-seed"].outcome == found["torch-uninitialised"].outcome == "error"
    assert "SIGSEGV" in found["torch-same-seed"].message
    assert found["python-hash-seed"].outcome == "fail"
    assert audit.facts["torch.version"].state == "error"
    assert audit.facts["host.os.name"].state == "value"
    assert journal.read_bytes() == b"x"


def test_a_framework_that_raises_on_import_is_an_error_not_an_absence(tmp_path, monkeypatch):
    """A broken installation is told apart from none."""
    (tmp_path / "torch.py").write_text("raise ImportError('libplanted.so: cannot open shared object file')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    audit = run("torch-same-seed")
    (finding,) = audit.findings

    assert finding.outcome == "error"
    assert "libplanted.so" in finding.message
