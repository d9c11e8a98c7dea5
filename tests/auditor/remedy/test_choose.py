"""The smallest set: measured before declared, cheap before dear, nothing that was measured not to cure."""

import re

import pytest
from remedy_cases import declared, finding, manifest

from auditor.catalogue import catalogue
from auditor.factors import factors
from auditor.factors.cures import CURES
from auditor.remedy.choose import VERSION_WORDS, choose

RACE = ("torch-thread-race", "framework-switch", {})
SEED = ("python-hash-seed", "hash-seed", {"PYTHONHASHSEED": "0"})
LINT = ("environment-hash-seed-set", "", {"PYTHONHASHSEED": "0"})
SWITCH = "torch.use_deterministic_algorithms(True)"


def lines(remedy):
    """Every code line of a remedy."""
    return [line for told in remedy.code().values() for line, _ in told]


def test_one_setting_serves_all_findings_that_it_cures():
    """A variable that a lint declares and a cure that was measured are one setting, with both standings."""
    found = manifest(
        finding("python-hash-seed", framework="python", under={"hash-seed": "identical"}),
        finding("environment-hash-seed-set", framework="environment"),
    )

    remedy = choose(found, declared(SEED, LINT))

    checks = ("environment-hash-seed-set", "python-hash-seed")
    assert {"PYTHONHASHSEED": (("0",), checks)} == remedy.variables()
    assert ("measured", "declared") == (remedy.standing("python-hash-seed"), remedy.standing(checks[0]))
    assert () == remedy.by_hand


def test_the_cheaper_of_two_measured_cures_is_taken():
    """The switch and one thread both cure the race: the switch leaves the threads."""
    found = manifest(finding("torch-thread-race", under={"framework-switch": "identical", "one-thread": "identical"}))

    remedy = choose(found, declared(RACE))

    assert [SWITCH] == lines(remedy)
    assert {} == remedy.variables()


def test_a_measured_cure_is_taken_before_a_cheaper_declared_one():
    """What was measured to work costs more and is taken all the same."""
    found = manifest(finding("torch-thread-race", under={"framework-switch": "not proven", "one-thread": "identical"}))

    remedy = choose(found, declared(RACE))

    assert {"OMP_NUM_THREADS", "MKL_NUM_THREADS"} == set(remedy.variables())
    assert [] == lines(remedy)


def test_one_dear_cure_for_two_findings_is_smaller_than_two():
    """If one finding needs one thread anyway, the switch is not needed for the other."""
    found = manifest(
        finding("torch-thread-race", under={"framework-switch": "identical", "one-thread": "identical"}),
        finding("torch-same-seed", under={"framework-switch": "differs", "one-thread": "identical"}),
    )

    remedy = choose(found, declared(RACE, ("torch-same-seed", "framework-switch", {})))

    assert [] == lines(remedy)
    assert ("torch-same-seed", "torch-thread-race") == remedy.choices[0].cures


def test_what_was_measured_not_to_cure_is_no_remedy():
    """Neither the cure nor the same variables by way of the declaration: the finding is left to hands."""
    planted = finding(
        "python-hash-seed", framework="python", under={"hash-seed": "differs"}, env={"PYTHONHASHSEED": "0"}
    )

    remedy = choose(manifest(planted), declared(SEED))

    assert () == remedy.choices
    assert "measured to be ineffective: hash-seed" == remedy.by_hand[0].reason


def test_an_explanation_that_was_not_measured_to_cure_is_no_remedy():
    """One thread explains a race only if it was measured to."""
    found = manifest(finding("torch-same-seed", under={"one-thread": "not measured"}))

    assert () == choose(found, declared(("torch-same-seed", "", {}))).choices


def test_what_a_factor_moves_is_cured_by_pinning_that_factor_alone():
    """Bits that follow the hash seed want it fixed; bits that follow memory are not cured by a switch."""
    seed = manifest(finding("torch-same-seed", factors={"hash-seed": ["losses"]}))
    memory = manifest(finding("torch-same-seed", factors={"memory-fill": ["losses"]}))
    checks = declared(("torch-same-seed", "framework-switch", {}))

    assert {"PYTHONHASHSEED"} == set(choose(seed, checks).variables())
    assert () == choose(memory, checks).choices


@pytest.mark.parametrize(("cuda", "expected"), [("12.8", {"CUBLAS_WORKSPACE_CONFIG"}), (None, set())])
def test_the_switch_brings_what_it_needs_on_a_gpu(cuda, expected):
    """Torch's switch wants cuBLAS's workspace fixed where the build has CUDA, and nothing elsewhere."""
    facts = {"torch_build_cuda": cuda} if cuda else {}
    found = manifest(finding("torch-thread-race", under={"framework-switch": "identical"}), **facts)

    remedy = choose(found, declared(RACE))

    assert expected == set(remedy.variables())
    assert [SWITCH] == lines(remedy)


def test_each_framework_gets_its_own_lines():
    """TensorFlow's switch wants a seed first; a check of a layer gets those of the framework it runs on."""
    found = manifest(
        finding("tensorflow-same-seed", framework="tensorflow", under={"framework-switch": "identical"}),
        finding("keras-same-seed", framework="keras", under={"framework-switch": "identical"}),
    )
    checks = declared(
        ("tensorflow-same-seed", "framework-switch", {}),
        ("keras-same-seed", "framework-switch", {}, ("on", "torch")),
    )

    remedy = choose(found, checks)

    assert [SWITCH] == [line for line, _ in remedy.code()["torch"]]
    assert ["set_random_seed", "enable_op_determinism"] == [
        re.search(r"\.(\w+)\(", line)[1] for line, _ in remedy.code()["tensorflow"]
    ]


def test_two_values_of_one_variable_do_not_stand_in_one_set():
    """The finding that loses is named, with the reason; lists of flags are added up instead."""
    found = manifest(*(finding(f"environment-lint-{name}", framework="environment") for name in "abcd"))
    checks = declared(
        ("environment-lint-a", "", {"NCCL_ALGO": "Ring"}),
        ("environment-lint-b", "", {"NCCL_ALGO": "Tree"}),
        ("environment-lint-c", "", {"XLA_FLAGS": "--one"}),
        ("environment-lint-d", "", {"XLA_FLAGS": "--two=2"}),
    )

    remedy = choose(found, checks)

    assert ("Ring",) == remedy.variables()["NCCL_ALGO"][0]
    assert ("--one", "--two=2") == remedy.variables()["XLA_FLAGS"][0]
    assert [("environment-lint-b", "its cure contradicts another setting of the remedy")] == [
        (left.check, left.reason) for left in remedy.by_hand
    ]


def test_a_set_of_many_treatments_is_found_too():
    """Beyond what is tried exhaustively every finding is still cured, and a shared setting stands once."""
    names = [f"environment-lint-{number}" for number in range(40)]
    found = manifest(*(finding(name, framework="environment") for name in names))
    checks = declared(*((name, "", {f"NCCL_{number // 2}": "1"}) for number, name in enumerate(names)))

    remedy = choose(found, checks)

    assert 20 == len(remedy.choices)
    assert () == remedy.by_hand


def test_only_named_findings_are_cured():
    """`only` leaves the others out of the remedy and of what is left."""
    found = manifest(finding("torch-thread-race", under={"framework-switch": "identical"}), finding("torch-other"))

    remedy = choose(found, declared(RACE), ["torch-thread-race"])

    assert ["torch-thread-race"] == [*remedy.severities]


# --------------------------------------------------------------------------------------------- strangers' manifests


def test_the_variables_of_a_known_check_are_ours_and_not_the_manifests():
    """A manifest cannot put its own value, or another variable, under a check that we know."""
    found = manifest(
        finding(
            "environment-hash-seed-set", framework="environment", env={"LD_PRELOAD": "/x.so", "PYTHONHASHSEED": "9"}
        )
    )

    remedy = choose(found, declared(LINT))

    assert {"PYTHONHASHSEED": (("0",), ("environment-hash-seed-set",))} == remedy.variables()


@pytest.mark.parametrize("name", ["LD_PRELOAD", "PATH", "PYTHONPATH", "BASH_ENV", "TORCH_X_PATH", "NCCL=1;id", "a b"])
def test_a_strangers_variable_that_decides_no_numbers_is_left_out(name):
    """For a check unknown here only variables of our own list are taken; the others are told."""
    remedy = choose(manifest(finding("mine-own", env={name: "1", "NCCL_ALGO": "Ring"})), {})

    assert ["NCCL_ALGO"] == [*remedy.variables()]
    assert 1 == len(remedy.notes)


@pytest.mark.parametrize("value", ["a\nb", "\x1b[31m", "\u202e", "x" * 5000])
def test_a_strangers_value_without_a_literal_form_is_left_out(value):
    """What does not print on one line is no setting."""
    assert {} == choose(manifest(finding("mine-own", env={"NCCL_ALGO": value})), {}).variables()


@pytest.mark.parametrize("evidence", ["text", ["framework-switch"], {"no-such-cure": "identical"}, {"one-thread": [1]}])
def test_evidence_of_any_shape_is_survived(evidence):
    """What is no map of cures to effects says nothing."""
    found = manifest(finding("torch-thread-race", under={}).model_copy(update={"evidence": {"under": evidence}}))

    assert [SWITCH] == lines(choose(found, declared(RACE)))


# ------------------------------------------------------------------------------------------------------- packages


def test_an_upgrade_is_named_with_the_audited_version():
    """A remedy that wants another version of a package says so apart."""
    found = manifest(finding("torch-uninitialised", remedy="avoid it, and change the version of torch; or pray"))

    assert ("torch (audited: 2.13.0)",) == choose(found, {}).by_hand[0].packages


def test_every_remedy_of_ours_that_wants_another_version_is_understood():
    """The words of the catalogue's own remedies: who writes a new one in other words finds out here."""
    asks = re.compile(r"chang\w+ the version|upgrad\w+|updat\w+ `?(?:torch|tensorflow|jax|keras)", re.IGNORECASE)
    missed = [
        check.id
        for check in catalogue.load().checks
        if check.framework in ("torch", "tensorflow", "jax")
        and any(asks.search(part) and not VERSION_WORDS.search(part) for part in re.split(r"[;.:,] ", check.remedy))
    ]

    assert [] == missed


# ---------------------------------------------------------------------------------------------------------- cures


def test_a_cure_sets_nothing_that_was_not_measured(tmp_path):
    """Each variable of a cure for users is one that the factor behind it sets, with the same value."""
    for cure in CURES.values():
        measured = factors.environment(cure.settings, {}, tmp_path)
        for variables in cure.variables.values():
            assert set(variables.items()) <= set(measured.items()), cure.name


def test_every_cure_can_be_set_somewhere():
    """No cure is only a setting of the payload: a user could not have it."""
    assert [] == [cure.name for cure in CURES.values() if not cure.variables and not cure.code]
