"""The verdict, the candidates, and what a reader is told beside them."""

import pytest
import samples
from sides import blind, finding, reading, side

from auditor.compare import compare, is_probe, of_manifest, of_probe

ONE, TWO = "1" * 64, "2" * 64
MEASURED = {"readings": [reading({"losses": ONE}), reading({"losses": ONE}, repeat=1)], "findings": [finding("pass")]}
MOVED = {"readings": [reading({"losses": TWO}), reading({"losses": TWO}, repeat=1)], "findings": [finding("pass")]}


@pytest.mark.parametrize(
    ("left", "right", "verdict"),
    [
        ({"torch__version": "1"}, {"torch__version": "1"}, "same"),
        ({"torch__version": "1"}, {"torch__version": "2"}, "differs"),
        ({"host__kernel__release": "6.1"}, {"host__kernel__release": "6.2"}, "differs"),
        ({"host__uptime": 1}, {"host__uptime": 2}, "same"),
        ({"torch__version": blind("unknown")}, {"torch__version": blind("unknown")}, "cannot-tell"),
        ({"host__kernel__release": blind("unknown")}, {"host__kernel__release": blind("unknown")}, "same"),
        ({"torch__version": "1"}, {}, "cannot-tell"),
        ({"host__uptime": 1}, {}, "same"),
        (MEASURED, MEASURED, "same"),
        (MEASURED, MOVED, "differs"),
        (MEASURED, MOVED | {"payload": "1f" * 32}, "cannot-tell"),
        (MEASURED, MOVED | {"payload": "1f" * 32, "torch__version": "1"}, "cannot-tell"),
        (MEASURED, {"findings": [finding("error")]}, "cannot-tell"),
        (MEASURED, {"findings": [finding("not-applicable")]}, "same"),
        (MEASURED, {"audited": False}, "same"),
        (MEASURED, {"readings": [reading({"losses": "blake3:" + ONE})]}, "error"),
    ],
)
def test_the_verdict(left, right, verdict):
    """A material difference, else something that could not be told, else the same; both ways round."""
    assert compare(side(**left), side(**right)).verdict == verdict
    assert compare(side(**right), side(**left)).verdict == verdict


def test_unstable_readings_alone_are_the_same():
    """A race on both sides is a finding of each, not a difference between them."""
    racing = side(readings=[reading({"sum": ONE}), reading({"sum": TWO}, repeat=1)])
    found = compare(racing, racing)

    assert found.verdict == "same"
    assert [one.outcome for one in found.readings] == ["unstable"]


def test_candidates_stand_beside_the_reading_in_an_order_of_plausibility():
    """The framework's version, its libraries, the processor, switches; of its own framework or of all, no other's."""
    left = {
        "torch__version": "2.13.0",
        "torch__build__mkl": "2024.2",
        "torch__cpu__capability": "AVX512",
        "torch__deterministic": False,
        "torch__after__deterministic": False,
        "jax__version": "0.10.2",
        "tensorflow__onednn": True,
        "host__kernel__release": "6.1",
        "host__libc__version": "2.36",
        "env": {"OMP_NUM_THREADS": "2", "TF_ENABLE_ONEDNN_OPTS": "1", "ATEN_CPU_CAPABILITY": "avx2"},
    }
    right = dict.fromkeys(left, "other") | {"env": {}}
    (one,) = compare(side(**MEASURED, **left), side(**MOVED, **right)).readings

    assert one.candidates == [
        "torch.version",
        "torch.build.mkl",
        "host.libc.version",
        "env/ATEN_CPU_CAPABILITY",
        "torch.cpu.capability",
        "torch.deterministic",
        "env/OMP_NUM_THREADS",
    ]


def test_a_reading_of_the_environment_may_be_moved_by_anything():
    """Its lints look at every framework's variables."""
    left = side(readings=[reading({"set": "1"}, check="environment-xla-flags")], env={"XLA_FLAGS": "a"})
    right = side(readings=[reading({"set": "0"}, check="environment-xla-flags")], env={"XLA_FLAGS": "b"})
    (one,) = compare(left, right).readings

    assert (one.framework, one.candidates) == ("environment", ["env/XLA_FLAGS"])


def test_the_users_code_is_no_candidate():
    """A check runs programs of its own: another commit of the user's changes the user's numbers, not the check's."""
    (one,) = compare(side(**MEASURED, code__commit="a"), side(**MOVED, code__commit="b")).readings

    assert one.candidates == []


def test_findings_whose_outcome_differs_are_listed():
    """And no other: a check that one side did not make is no difference of outcome."""
    left = side(
        findings=[finding("pass"), finding("pass", "torch-thread-race"), finding("pass", "jax-same-seed", "jax")]
    )
    right = side(findings=[finding("fail"), finding("pass", "torch-thread-race")])
    found = compare(left, right)

    assert [(one.check, one.a, one.b, one.message_b) for one in found.findings] == [
        ("torch-same-seed", "pass", "fail", "was fail")
    ]
    assert found.verdict == "same"


def test_another_payload_is_told():
    """Other code measured, so digests may differ for that alone."""
    found = compare(side(**MEASURED), side(**MEASURED, payload="1f" * 32))

    assert any("different versions of the checks" in note for note in found.notes)
    assert compare(side(**MEASURED), side(**MEASURED)).notes == []


def test_a_probe_is_told_and_has_no_run():
    """What an audit says of its run has no counterpart in a probe, and is not missed there."""
    facts = '{"facts": {"torch.version": {"state": "value", "role": "software", "value": "2.13.0+cpu"}}}'
    probe = of_probe(facts.encode())
    found = compare(of_manifest(samples.manifest()), probe)

    assert any("B is the output of a probe" in note for note in found.notes)
    assert not any(one.key.startswith("run.") for one in found.facts)
    assert not any(one.key == "torch.version" for one in found.facts)


def test_the_facts_of_a_real_run_are_those_of_its_main_process():
    """`probe --json -- COMMAND` prints more beside them; a manifest that holds facts too is none."""
    told = b'{"facts": {}, "defaults": null, "main": null, "processes": [], "exit_code": 0}'

    assert is_probe(told)
    assert of_probe(told).facts == {}
    assert not is_probe(b'{"facts": {}, "payload": "x", "payloadType": "y", "signatures": []}')
    assert not is_probe(b'{"_type": "x", "facts": {}}')


def test_another_set_up_file_may_change_numbers():
    """Seeds and switches of the experiment stand in it."""
    other = samples.manifest(run=samples.predicate().run.model_copy(update={"setup_sha256": "ab" * 32}))
    (one,) = [
        one for one in compare(of_manifest(samples.manifest()), of_manifest(other)).facts if one.outcome == "differs"
    ]

    assert (one.key, one.effect) == ("run.setup_sha256", "may")
