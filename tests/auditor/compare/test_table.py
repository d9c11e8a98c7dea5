"""The table of effects: whole, alive, and each rule with its reason and source."""

from functools import cache

import pytest

from auditor.catalogue import catalogue
from auditor.compare.facts import canonical_key, named, rule_for
from auditor.compare.table import BY_ROLE, RULES
from auditor.compare.table.rule import MEASURED, REASONING
from auditor.nvml import host

OF_THE_HOST = {
    **{key: fact.role for key, fact in host.DECLARED.items()},
    "run.setup_sha256": "software",
    "run.tier": "volatile",
}
"""Facts that the host adds to those of the payload."""


@cache
def declared():
    """Every key that the payload declares, and the host's, with its role."""
    groups = catalogue.load().groups
    return OF_THE_HOST | {key: told["role"] for group in groups for key, told in group.keys.items()}


def met_by(name):
    """The first rule that meets a name, if any."""
    return next((rule for rule in RULES if rule.meets.fullmatch(name)), None)


def test_every_declared_fact_is_met_by_a_rule():
    """A new fact needs a rule of its own: its role's default would be a guess."""
    unmet = [key for key in declared() if met_by(canonical_key(key)) is None]

    assert unmet == [], "add a rule to auditor/compare/table/ that says what a difference of these can do to numbers"


def test_no_pattern_of_a_rule_is_dead():
    """Each pattern meets a declared fact, or an entry of a declared map, that no rule before it takes."""
    keys = {canonical_key(key) for key in declared()}
    dead = []
    for rule in RULES:
        for pattern in rule.patterns:
            key, _, entry = pattern.partition("/")
            if entry:
                declared_map = any(rule_of(key).fullmatch(one) for one in keys)
                alive = declared_map and met_by(pattern.replace("*", "x")) is rule
            else:
                alive = any(met_by(one) is rule and rule_of(pattern).fullmatch(one) for one in keys)
            if not alive:
                dead.append(pattern)

    assert dead == []


def rule_of(pattern):
    """One pattern alone, compiled as a rule compiles it."""
    return type(RULES[0])((pattern,), "may", "", "").meets


@pytest.mark.parametrize("rule", [*RULES, *BY_ROLE.values()], ids=lambda rule: rule.patterns[0])
def test_every_rule_has_a_reason_and_a_source(rule):
    """The reason is a sentence; the source an address, a page or file of ours, a measurement, or said to lack."""
    assert rule.reason.endswith(".")
    assert len(rule.reason.split()) >= 5
    if rule.basis == "source":
        assert rule.source.startswith(("https://", "docs/", "checks/"))
    elif rule.basis == "measured":
        assert len(rule.source.split()) >= 10
    else:
        assert rule.source == REASONING


def test_the_basis_of_a_rule_is_told_from_its_source():
    """A measurement and an argument are no document, and are not shown as one."""
    bases = [type(RULES[0])(("x",), "may", "", source).basis for source in ("https://x", f"{MEASURED}twice", REASONING)]

    assert bases == ["source", "measured", "reasoning"]


def test_no_thread_stands_for_a_whole_group_of_libraries():
    """Most rules that change numbers have a document, a thread or a measurement behind them."""
    changing = [rule for rule in RULES if rule.effect == "changes"]
    argued = [rule for rule in changing if rule.basis == "reasoning"]

    assert len(argued) < len(changing) / 3


@pytest.mark.parametrize(
    ("name", "effect"),
    [
        ("torch.version", "changes"),
        ("torch.after.deterministic", "changes"),
        ("jax.after.jax_enable_x64", "changes"),
        ("host.cpu.flags/avx512f", "changes"),
        ("host.cpu.flags/arat", "may"),
        ("host.cpu.model", "changes"),
        ("torch.devices", "changes"),
        ("env/PYTHONHASHSEED", "changes"),
        ("env/OMP_NUM_THREADS", "changes"),
        ("env/TF_CPP_MIN_LOG_LEVEL", "cannot"),
        ("env/XLA_FLAGS", "changes"),
        ("env/LANG", "may"),
        ("env/TF_NUM_INTRAOP_THREADS", "changes"),
        ("env.other/LD_PRELOAD", "may"),
        ("env.other/SLURM_JOB_ID", "cannot"),
        ("python.distributions/numpy", "changes"),
        ("python.distributions/nvidia-cudnn-cu13", "changes"),
        ("python.distributions/rich", "may"),
        ("python.distributions/pip", "cannot"),
        ("torch.libraries.loaded/libmkl_core.so.2", "changes"),
        ("torch.libraries.loaded/libstdc++.so.6.0.30", "may"),
        ("torch.libraries.runtimes/openmp/threads", "changes"),
        ("torch.threads.inter", "may"),
        ("tensorflow.threads.intra", "changes"),
        ("tensorflow.threads.inter", "may"),
        ("tensorflow.build/is_cuda_build", "changes"),
        ("jax.devices.count", "changes"),
        ("jax.config.jax_allow_f16_reductions", "may"),
        ("jax.config.jax_compilation_cache_dir", "may"),
        ("env/MKL_VERBOSE", "cannot"),
        ("env/DNNL_VERBOSE", "cannot"),
        ("env/CUBLASLT_LOG_LEVEL", "cannot"),
        ("env/TORCHINDUCTOR_CACHE_DIR", "may"),
        ("torch.seed/set", "changes"),
        ("torch.seed/drawn", "cannot"),
        ("host.kernel.release", "may"),
        ("host.load.1min", "cannot"),
        ("host.name", "cannot"),
        ("host.uptime", "cannot"),
        ("python.path", "cannot"),
    ],
)
def test_the_effect_of_well_known_facts(name, effect):
    """What the field agrees on."""
    key, _, entry = name.partition("/")

    assert rule_for(key, entry, "software").effect == effect


@pytest.mark.parametrize(
    ("role", "effect"), [("software", "may"), ("machine", "may"), ("volatile", "cannot"), ("identity", "cannot")]
)
def test_a_fact_that_no_rule_knows_has_the_effect_of_its_role(role, effect):
    """Another auditor's fact is not ignored."""
    assert rule_for("quantum.flux", "", role).effect == effect


def test_an_entry_is_named_behind_its_key():
    """One name for a rule to meet and a person to read."""
    assert named("env", "LANG") == "env/LANG"
    assert named("torch.version", "") == "torch.version"
