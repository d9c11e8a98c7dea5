"""The rule `staged`: how many processes a cure needs, and which of several differences is told."""

import pytest
from planted import check, processes, stages

from auditor import rules

SWITCH = {"framework-switch": "on"}
CURED = check(rule="staged", across=("process",), cure="framework-switch", documented={"mlp": "https://example.org"})
DIFFERING = processes({"mlp": stages()}, {"mlp": stages(result="other")})
NEVER_EQUAL = processes(*[{"mlp": stages(result=str(number))} for number in range(16)])


@pytest.mark.parametrize(("agreeing", "known", "severity"), [(1, "documented", None), (2, "documented", None)])
def test_a_few_processes_that_agree_are_no_cure(agreeing, known, severity):
    """A fault that shows in every second process leaves two that agree often enough."""
    verdict = rules.judge(
        CURED, [*DIFFERING, *processes(*[{"mlp": stages()}] * agreeing, framework_switch="on")], [SWITCH]
    )

    assert ("fail", known, severity) == (verdict.outcome, verdict.known, verdict.severity)
    assert {"framework-switch": "not measured"} == verdict.evidence["under"]


def test_as_many_agreeing_processes_as_were_asked_for_are_a_cure():
    """Sixteen processes with a result each: the rule asks for enough at once, and the finding is low."""
    (arm,) = rules.judge(CURED, NEVER_EQUAL).arms
    agreeing = processes(*[{"mlp": stages()}] * arm.processes, framework_switch="on")
    verdict = rules.judge(CURED, [*NEVER_EQUAL, *agreeing], [arm.settings])

    assert SWITCH == arm.settings
    assert ("documented-and-cured", "low") == (verdict.known, verdict.severity)
    assert verdict.message.endswith("; under framework-switch: identical")


def test_one_of_two_processes_proves_no_cure():
    """The rate may be as low as 2.5 %: three that agree are told, and the severity stays."""
    (arm,) = rules.judge(CURED, DIFFERING).arms
    agreeing = processes(*[{"mlp": stages()}] * arm.processes, framework_switch="on")
    verdict = rules.judge(CURED, [*DIFFERING, *agreeing], [arm.settings])

    assert 3 == arm.processes
    assert {"framework-switch": "not proven"} == verdict.evidence["under"]
    assert ("documented", None) == (verdict.known, verdict.severity)


def test_what_differs_only_under_a_factor_has_no_proven_cure():
    """Unchanged processes agree: they cannot show that a cure works, nor that the factor is the cause."""
    declared = check(rule="staged", across=("threads",), cure="framework-switch", documented={"mlp": "x"})
    readings = [*processes(*[{"mlp": stages()}] * 9), *processes({"mlp": stages(result="y")}, threads="1")]
    agreeing = processes(*[{"mlp": stages()}] * 3, framework_switch="on")
    verdict = rules.judge(declared, [*readings, *agreeing], [SWITCH])

    assert {"framework-switch": "not proven"} == verdict.evidence["under"]
    assert "whether that is the cause was not measured" in verdict.message


def test_under_a_cure_only_the_result_must_agree():
    """An earlier stage may differ where the result does not."""
    agreeing = processes(*[{"mlp": stages(optimised=one)} for one in "uvwxyz"], framework_switch="on")

    assert "documented-and-cured" == rules.judge(CURED, [*NEVER_EQUAL, *agreeing], [SWITCH]).known


def test_one_process_that_differs_under_a_cure_is_enough_against_it():
    """Three processes, two results."""
    differing = processes(*[{"mlp": stages(result=one)} for one in "xxy"], framework_switch="on")
    verdict = rules.judge(CURED, [*DIFFERING, *differing], [SWITCH])

    assert ("documented", None) == (verdict.known, verdict.severity)
    assert {"framework-switch": "differs"} == verdict.evidence["under"]


def test_another_result_is_told_before_another_stage():
    """The first process to part gave an equal result; the next gave another one."""
    readings = processes(*[{"mlp": one} for one in (stages(), stages(traced="x"), stages(result="y"))])
    verdict = rules.judge(check(rule="staged", across=("process",)), readings)

    assert "fail" == verdict.outcome
    assert "first differing stage: result" in verdict.message


def test_the_first_of_several_other_results_is_told():
    """Both are faults; the later one does not displace it."""
    readings = processes(*[{"mlp": one} for one in (stages(), stages(result="x"), stages(traced="z", result="y"))])

    assert (
        "result" == rules.judge(check(rule="staged", across=("process",)), readings).evidence["parted"]["mlp"]["stage"]
    )


def test_a_program_that_one_process_did_not_compile_is_a_fault():
    """There is no result of it to compare."""
    readings = processes({"mlp": stages(), "cnn": stages()}, {"mlp": stages()})
    verdict = rules.judge(check(rule="staged", across=("process",)), readings)

    assert "fail" == verdict.outcome
    assert "the list of stages" in verdict.message


@pytest.mark.parametrize("value", [{"stages": []}, {"stages": "text"}, "text"])
def test_a_value_without_stages_is_a_defect_of_the_check(value):
    """It is no pass."""
    verdict = rules.judge(check(rule="staged", across=("process",)), processes({"mlp": value}, {"mlp": value}))

    assert "error" == verdict.outcome


def test_the_arm_in_which_a_result_parted_is_told():
    """Alone by its meaning; the perturbed process as what it is."""
    declared = check(rule="staged", across=("threads", "perturbed"))
    base, equal, other = ({"mlp": stages()}, {"mlp": stages()}, {"mlp": stages(result="y")})
    pooled = {"hash_seed": "1", "memory_fill": "85", "tmp": "other"}
    by_threads = rules.judge(declared, [*processes(base), *processes(other, threads="1"), *processes(equal, **pooled)])
    by_pooled = rules.judge(declared, [*processes(base), *processes(equal, threads="1"), *processes(other, **pooled)])

    assert "different results in a process with a change of the number of threads (1)" in by_threads.message
    assert "different results in a process with several factors changed together" in by_pooled.message


def test_a_fault_that_nobody_documents_keeps_its_severity_though_it_is_cured():
    """A cure makes low what is known, and nothing else."""
    declared = check(rule="staged", across=("process",), cure="framework-switch")
    agreeing = processes(*[{"mlp": stages()}] * 6, framework_switch="on")
    verdict = rules.judge(declared, [*NEVER_EQUAL, *agreeing], [SWITCH])

    assert ("undocumented", None) == (verdict.known, verdict.severity)
    assert {"framework-switch": "identical"} == verdict.evidence["under"]
