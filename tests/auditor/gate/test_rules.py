"""Rules: facts, packages, locks, options, and how they combine."""

import pytest
from gating import NOW, failing, made, passing
from hypothesis import given
from hypothesis import strategies as st

from auditor.gate.policy import read
from auditor.gate.rules import globs, written
from auditor.gate.rules.evidence import Checkout, Evidence
from auditor.manifest.models import Asked, Fact, Reading


def value(of, role="software"):
    """A fact with a value."""
    return Fact(state="value", role=role, value=of)


def leaves(text, manifest=None, checkout=None, now=NOW):
    """Rule and name to (state, reason) for a policy's text."""
    policy = read.policy(read.table_of(text.encode(), "auditor.toml"), "auditor.toml")
    manifest = manifest or made()
    result = written.gate(policy, manifest, with_baseline=False).judge(Evidence(manifest, now, checkout or Checkout()))
    return {(one.rule, one.name): (one.state, one.reason) for one in result.leaves()}, result.counted


FACTS = {
    "torch.deterministic": value(True),  # noqa: FBT003 - a fact's value
    "torch.threads.intra": value(4),
    "x.float": value((0.5).hex()),
    "x.text": value("highest"),
    "python.version": value("3.11.9"),
    "x.map": value({"A": "1"}),
    "x.none": Fact(state="unknown", role="software", reason="cannot be read"),
}


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ('facts."torch.deterministic" = true', "pass"),
        ('facts."torch.deterministic" = false', "fail"),
        ('facts."torch.deterministic" = 1', "fail"),
        ('facts."torch.threads.intra" = 4', "pass"),
        ('facts."torch.threads.intra" = {at-least = 4, at-most = 4}', "pass"),
        ('facts."torch.threads.intra" = {at-least = 5}', "fail"),
        ('facts."torch.threads.intra" = {at-most = 3}', "fail"),
        ('facts."x.float" = 0.5', "pass"),
        ('facts."x.float" = {at-least = 0.6}', "fail"),
        ('facts."x.text" = {one-of = ["high", "highest"]}', "pass"),
        ('facts."x.text" = {one-of = ["high"]}', "fail"),
        ('facts."x.text" = {like = "high*"}', "pass"),
        ('facts."x.text" = {like = "high"}', "fail"),
        ('facts."x.text" = {at-least = 1}', "fail"),
        ('facts."python.version" = {version = ">=3.11,<3.12"}', "pass"),
        ('facts."python.version" = {version = ">=3.12"}', "fail"),
        ('facts."x.map/A" = "1"', "pass"),
        ('facts."x.map/A" = "2"', "fail"),
        ('facts."x.map/B" = "1"', "inconclusive"),
        ('facts."x.none" = 1', "inconclusive"),
        ('facts."x.absent" = 1', "inconclusive"),
    ],
)
def test_facts_hold_or_not(text, state):
    """True is not 1; a fact without a value is inconclusive, never a pass."""
    found, _ = leaves(text, made(facts=FACTS))
    assert [state] == [told for (rule, _), (told, _) in found.items() if rule == "fact"]


def test_the_nearest_fact_is_named():
    """A misspelled key."""
    found, counted = leaves('facts."torch.determinstic" = true', made(facts=FACTS))
    assert counted == "inconclusive"
    assert "Did you mean torch.deterministic?" in found["fact", "torch.determinstic"][1]


@pytest.mark.parametrize(
    ("requirement", "state"),
    [("torch>=2.13,<3", "pass"), ("Torch", "pass"), ("torch>=3", "fail"), ("absent-package", "fail")],
)
def test_packages_have_the_wanted_versions(requirement, state):
    """Names as PEP 503 normalizes them."""
    found, _ = leaves(f"versions = ['{requirement}']")
    assert [state] == [told for (rule, _), (told, _) in found.items() if rule == "version"]


def test_frameworks_must_have_been_audited():
    """An absent one is inconclusive: nothing of it was measured."""
    facts = {"jax.version": Fact(state="not-applicable", role="software", reason="jax is not installed")}
    found, counted = leaves("frameworks = ['torch', 'jax']", made(facts=facts))
    assert ("pass", "inconclusive") == (found["framework", "torch"][0], found["framework", "jax"][0])
    assert counted == "inconclusive"


# --------------------------------------------------------------------------------------------------------------- lock

LOCK = "environment-lock-mismatch"
HERE = Checkout(locks={"uv.lock": "a" * 64})
SEEN = {"code.lock_files": value({"uv.lock": "a" * 64})}


def locked(outcome="pass", extra=()):
    """A manifest whose audit compared the environment with uv.lock."""
    reading = Reading(
        check=LOCK,
        process="python-1",
        values={"conditions": {"uv.lock": {"installed, not locked": [*extra]}}},
    )
    found = failing(LOCK, outcome=outcome, message="1 not as locked: numpy", evidence={"broken": {"uv.lock numpy": {}}})
    return made(found, facts=SEEN, readings=[reading])


@pytest.mark.parametrize(
    ("manifest", "checkout", "state"),
    [
        (locked(), HERE, "pass"),
        (locked("fail"), HERE, "fail"),
        (locked("inconclusive"), HERE, "inconclusive"),
        (locked(extra=["pip"]), HERE, "pass"),
        (locked(extra=["numpy"]), HERE, "fail"),
        (locked(), Checkout(locks={"uv.lock": "b" * 64}), "fail"),
        (locked(), Checkout(), "fail"),
        (made(facts=SEEN), HERE, "inconclusive"),
        (made(passing(LOCK)), HERE, "inconclusive"),
    ],
)
def test_the_environment_equals_the_lock_of_this_checkout(manifest, checkout, state):
    """As the audit compared them: with this content of the file, package by package, and nothing else installed."""
    found, _ = leaves("lock = 'uv.lock'", manifest, checkout)
    assert state == found["lock", "uv.lock"][0]


# ------------------------------------------------------------------------------------------------------------ options


@pytest.mark.parametrize(
    ("text", "asked", "told"),
    [
        ("", Asked(), ""),
        ("", Asked(skip=["torch-resume"]), "--skip torch-resume"),
        ("checks.skip = ['torch-resume']", Asked(skip=["torch-resume"]), ""),
        ("", Asked(only=["torch-resume"]), "--check torch-resume"),
        ("checks.only = ['torch-same-seed']", Asked(only=["torch-same-seed"]), ""),
        ("checks.only = ['torch-same-seed', 'torch-resume']", Asked(only=["torch-same-seed"]), "--check"),
        ("tier = 'full'", Asked(), "--tier quick"),
        ("", Asked(fail_on="critical"), "--fail-on critical"),
        ("fail = 'critical'", Asked(fail_on="critical"), ""),
        ("", Asked(fail_on="low"), ""),
        ("", Asked(frameworks=["jax"]), "--framework jax"),
        ("frameworks = ['torch']", Asked(frameworks=["torch"]), ""),
        ("require-deterministic = true", Asked(), "without --require-deterministic"),
        ("", None, "does not record the options"),
    ],
)
def test_an_audit_that_left_out_more_than_allowed_is_no_pass(text, asked, told):
    """Skips, tiers and thresholds: inconclusive, with the option."""
    found, _ = leaves(text, made(asked=asked))
    state, reason = found["options", "options"]
    assert ("inconclusive" if told else "pass") == state
    assert told in reason


@pytest.mark.parametrize(
    ("finished", "state"),
    [
        ("2026-11-22T12:00:00Z", "pass"),
        ("2026-11-10T12:00:00Z", "fail"),
        ("2026-11-25T12:00:00Z", "fail"),
        ("yesterday", "inconclusive"),
        ("2026-11-22T12:00:00", "inconclusive"),
    ],
)
def test_an_old_manifest_is_refused(finished, state):
    """So is one of the future; a time that cannot be read is inconclusive."""
    manifest = made()
    run = manifest.predicate.run.model_copy(update={"finished_on": finished})
    manifest = manifest.model_copy(update={"predicate": manifest.predicate.model_copy(update={"run": run})})
    assert state == leaves("max-age-days = 7", manifest)[0]["age", "manifest"][0]


@pytest.mark.parametrize(
    ("dirty", "state"),
    [(value(False), "pass"), (value(True), "fail"), (Fact(state="unknown", role="software"), "inconclusive")],  # noqa: FBT003
)
def test_the_checkout_was_clean(dirty, state):
    """As the audit read it."""
    assert state == leaves("clean = true", made(facts={"code.dirty": dirty}))[0]["clean", "checkout"][0]


# -------------------------------------------------------------------------------------------------------- composition

YES, NO, UNKNOWN = "{check = 'torch-same-seed'}", "{check = 'python-hash-seed'}", "{check = 'torch-resume'}"


@pytest.mark.parametrize(
    ("rule", "state"),
    [
        (f"any-of = [{YES}, {NO}]", "pass"),
        (f"any-of = [{NO}, {UNKNOWN}]", "inconclusive"),
        (f"any-of = [{NO}]", "fail"),
        (f"all-of = [{YES}, {YES}]", "pass"),
        (f"all-of = [{YES}, {UNKNOWN}]", "inconclusive"),
        (f"all-of = [{UNKNOWN}, {NO}]", "fail"),
        (f"count = 2\nat-least = [{YES}, {YES}, {NO}]", "pass"),
        (f"count = 2\nat-least = [{YES}, {UNKNOWN}, {NO}]", "inconclusive"),
        (f"count = 2\nat-least = [{YES}, {NO}, {NO}]", "fail"),
        (f"any-of = [{{all-of = [{YES}, {NO}]}}, {{fact = {{'torch.deterministic' = true}}}}]", "pass"),
    ],
)
def test_rules_combine(rule, state):
    """All of, any of, at least: a part that could not be decided counts only where it would make the difference."""
    manifest = made(passing(), failing(severity="low"), facts=FACTS)
    assert state == leaves(f"[[rules]]\n{rule}", manifest)[1]


# -------------------------------------------------------------------------------------------------------------- globs


@given(st.text("ab*?", max_size=8), st.text("ab", max_size=8))
def test_globs_match_as_a_plain_definition_does(pattern, text):
    """Against the recursive definition."""

    def slow(p, t):
        if not p:
            return not t
        if p[0] == "*":
            return slow(p[1:], t) or bool(t and slow(p, t[1:]))
        return bool(t) and p[0] in ("?", t[0]) and slow(p[1:], t[1:])

    assert slow(pattern, text) == globs.matches(text, pattern)


def test_a_hostile_glob_is_not_exponential():
    """Many stars against a long text."""
    assert not globs.matches("a" * 4000, "*a" * 200 + "b")
