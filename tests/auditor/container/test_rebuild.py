"""Whether an image rebuilds a manifest, judged from two manifests: every answer, and what must not be one."""

from __future__ import annotations

import audit_example
import pytest

from auditor.container import rebuild
from auditor.manifest.models import Reading
from auditor.manifest.profiles import MACHINE_PROFILE_V1, SOFTWARE_PROFILE_V1
from auditor.manifest.subjects import statement

SHA256 = audit_example.PAYLOAD_SHA256
READINGS = [
    Reading(check="torch-same-seed", process=process, values={"weights": "ab" * 32, "order": "cd" * 32})
    for process in ("torch-1", "torch-2")
]
FACTS = {  # the example, with what the two profiles want and it lacks
    **{key: audit_example.value(f"some {key}") for key in SOFTWARE_PROFILE_V1},
    **{key: audit_example.value(f"some {key}", "machine") for key in MACHINE_PROFILE_V1},
    **audit_example.FACTS,
}


def manifest(facts=None, readings=READINGS, findings=None, payload=None):
    """A manifest with subjects that are computed from its facts."""
    plain = audit_example.manifest(facts={**FACTS, **(facts or {})}, findings=findings, readings=readings)
    predicate = plain.predicate
    if payload:
        predicate = predicate.model_copy(
            update={"auditor": predicate.auditor.model_copy(update={"payload_sha256": payload})}
        )
    return statement(predicate, ())


def judged(**image):
    """The answer where the image's manifest differs in this."""
    return rebuild.judge(manifest(), SHA256, manifest(**image))


def other(weights="ef" * 32):
    """Readings with other bits under one name."""
    return [one.model_copy(update={"values": {**one.values, "weights": weights}}) for one in READINGS]


def distributions(**changed):
    """The example's packages with these versions; None takes one away."""
    found = {name: {**entry} for name, entry in audit_example.DISTRIBUTIONS.items()}
    for name, version in changed.items():
        if version is None:
            del found[name]
        else:
            found[name] = {**found.get(name, {}), "version": version}
    return {"python.distributions": audit_example.value(found)}


def test_the_same_software_and_bits_are_rebuilt():
    """Every steady value of a check that both sides measured counts."""
    found = judged()

    assert (found.verdict, found.checks, found.values, found.problems) == ("rebuilt", 1, 2, [])
    assert found.manifest_sha256 == SHA256


@pytest.mark.parametrize(
    ("changed", "pair"),
    [
        ({"numpy": "2.4.1"}, ("2.4.0", "2.4.1")),
        ({"numpy": None}, ("2.4.0", "absent")),
        ({"extra": "1.0"}, ("absent", "1.0")),
    ],
)
def test_another_package_is_named(changed, pair):
    """Another version, one that is missing, one too many: not rebuilt, though every bit is the same."""
    found = judged(facts=distributions(**changed))

    (name,) = changed
    assert found.verdict == "not-rebuilt"
    assert [*found.software] == [f"python.distributions/{name}"]
    told = found.software[f"python.distributions/{name}"]
    assert pair[0] in told.manifest
    assert pair[1] in told.image


def records(**changed):
    """What the example's wheels hold, with these digests."""
    found = {"numpy": "a" * 64, "pip": "b" * 64, **changed}
    return {"python.distributions.records": audit_example.value(found)}


def test_another_wheel_of_the_same_version_is_named():
    """A patched package has its old version. Installers take no part in a run: systems patch theirs."""
    before = manifest(facts=records())

    assert rebuild.judge(before, SHA256, manifest(facts=records(pip="c" * 64))).verdict == "rebuilt"
    found = rebuild.judge(before, SHA256, manifest(facts=records(numpy="c" * 64)))
    assert (found.verdict, [*found.software]) == ("not-rebuilt", ["python.distributions.records/numpy"])
    assert judged(facts=records()).verdict == "rebuilt"  # a manifest from before there was this fact


@pytest.mark.parametrize("word", ["changed", "missing", "resized"])
def test_a_file_that_was_edited_in_the_image_is_named(word):
    """Its version and its record are the old ones; what was so in the manifest already is no difference."""
    edited = {f"python.distributions.{word}": audit_example.value(["numpy/core.py: 7 byte, not 2"])}
    found = judged(facts=edited)

    assert found.verdict == "not-rebuilt"
    assert [name for name in found.software if "numpy/core.py" in name]
    assert rebuild.judge(manifest(facts=edited), SHA256, manifest(facts=edited)).verdict == "rebuilt"


def test_another_release_of_the_system_is_another_software():
    """The distribution, its C library and Python are part of the environment."""
    found = judged(facts={"host.libc.version": audit_example.value("2.41")})

    assert found.verdict == "not-rebuilt"
    assert [*found.software] == ["host.libc.version"]


def test_other_bits_on_an_equal_machine_are_not_rebuilt():
    """The packages are the same and something else is not: the values are named."""
    found = judged(readings=other())

    assert (found.verdict, found.readings) == ("not-rebuilt", {"torch-same-seed": ["weights"]})


def test_other_bits_on_another_machine_are_the_machines():
    """Another processor chooses other kernels: the software is rebuilt, and the report says what is not."""
    cpu = {"host.cpu.model": audit_example.value("Other CPU", "machine")}
    found = judged(readings=other(), facts=cpu)

    assert (found.verdict, found.readings) == ("rebuilt-differs", {"torch-same-seed": ["weights"]})
    assert [*found.machine] == ["host.cpu.model"]


def test_a_variable_that_differs_is_told_beside_the_bits():
    """It is no package, and it decides bits: a setting."""
    env = audit_example.value({**audit_example.FACTS["env"].value, "OMP_NUM_THREADS": "1"})
    found = judged(readings=other(), facts={"env": env})

    assert found.verdict == "not-rebuilt"
    assert found.settings["env/OMP_NUM_THREADS"].image == "'1'"


def test_what_a_library_chose_is_no_other_machine():
    """OpenBLAS takes other kernels for a variable too: an equal machine does not excuse other bits."""
    core = [{"kind": "openblas", "core": "Haswell"}], [{"kind": "openblas", "core": "SkylakeX"}]
    before, after = ({"torch.libraries.runtimes": audit_example.value(one, "machine")} for one in core)
    found = rebuild.judge(manifest(facts=before), SHA256, manifest(facts=after, readings=other()))

    assert (found.verdict, found.machine) == ("not-rebuilt", {})
    assert "torch.libraries.runtimes/openblas/core" in found.settings


@pytest.mark.parametrize("readings", [[], [READINGS[0].model_copy(update={"check": "torch-other"})]])
def test_without_a_common_reading_nothing_is_proven(readings):
    """Equal packages alone say nothing of the bits."""
    found = judged(readings=readings)

    assert (found.verdict, found.values) == ("inconclusive", 0)
    assert any("torch-same-seed" in problem for problem in found.problems)


def test_a_partial_audit_proves_nothing():
    """What did not record the whole environment cannot be said to be rebuilt; a package that differs is told."""
    partial = {key: fact for key, fact in FACTS.items() if key != "host.libc.name"}
    whole = audit_example.manifest(facts=partial, readings=READINGS)
    first = statement(whole.predicate, ())
    second = manifest(facts=distributions(numpy="2.4.1"))

    assert rebuild.judge(first, SHA256, first).verdict == "inconclusive"
    assert rebuild.judge(first, SHA256, second).verdict == "not-rebuilt"


def test_values_that_are_not_steady_prove_nothing():
    """A race differs by itself: it is neither equal nor other bits."""
    unsteady = [READINGS[0], other()[1]]
    found = rebuild.judge(manifest(readings=unsteady), SHA256, manifest(readings=unsteady))

    assert (found.verdict, found.values, found.readings) == ("rebuilt", 1, {})


def test_bits_of_another_payload_prove_nothing_when_they_differ():
    """Another version of a check may measure something else under the same name; equal values still count."""
    assert judged(payload="12" * 32).verdict == "rebuilt"
    found = judged(payload="12" * 32, readings=other())

    assert found.verdict == "inconclusive"
    assert "another version of auditor" in found.problems[0]


def test_what_the_specification_cures_is_no_difference():
    """A check that failed before and passes in the image, whose variables are set there, gives other values."""
    before = audit_example.FINDINGS[0].model_copy(update={"check": "torch-same-seed", "outcome": "fail"})
    after = before.model_copy(update={"outcome": "pass"})
    found = rebuild.judge(manifest(findings=[before]), SHA256, manifest(findings=[after], readings=other()))

    assert (found.verdict, found.readings, found.cured) == ("rebuilt", {}, ["torch-same-seed"])


def test_checks_of_settings_are_none_of_bits():
    """`environment-...` reads variables: the facts tell them."""
    lint = [Reading(check="environment-hash-seed-set", process="p", values={"observed": text}) for text in ("a", "b")]
    found = rebuild.judge(manifest(readings=[*READINGS, lint[0]]), SHA256, manifest(readings=[*READINGS, lint[1]]))

    assert (found.verdict, found.checks) == ("rebuilt", 1)


def test_no_difference_of_the_place_counts():
    """A container has no checkout, no network and other packages of the system; they are none of the environment."""
    place = {
        "code.commit": audit_example.value("0" * 40),
        "host.network.cards": audit_example.value(["eth0"], "machine"),
        "host.packages": audit_example.value(["gcc 12"]),
    }
    found = judged(facts=place)

    assert (found.verdict, found.machine, found.settings) == ("rebuilt", {}, {})
