"""The baseline: signed, comparable or not, what is new, what may differ, and how a new one is written."""

import pytest
from gating import failing, made, passing, reached, replayed

from auditor.manifest.models import AuditorInfo, Fact, Reading
from auditor.signing import local
from auditor.signing.ed25519 import Ed25519Signer

TABLE = "baseline = {manifest = 'base.dsse.json', fail-new = true"
ALLOW = TABLE + ", allow = {packages = ['numpy'], operators = ['torch-* index*']}}"


def with_baseline(project, base, now, text=TABLE + "}", *words):
    """Exit code and output of a gate of one manifest against another."""
    project.policy(text)
    (project.folder / "base.dsse.json").write_bytes((project.signed(base, "base") / "manifest.dsse.json").read_bytes())
    return project.run(project.signed(now), *words)


def installed(**packages):
    """The fact of installed packages."""
    return {
        "python.distributions": Fact(
            state="value", role="software", value={n: {"version": v} for n, v in packages.items()}
        )
    }


@pytest.mark.parametrize(
    ("base", "now", "code"),
    [
        ([failing()], [failing()], 0),
        ([passing("python-hash-seed")], [failing()], 1),
        ([failing()], [failing(severity="critical")], 1),
        ([failing(severity="critical")], [failing()], 0),
        ([failing()], [failing(evidence={"differing": {"order": 2, "other": 2}})], 1),
        ([reached(state="unknown")], [reached()], 1),
        ([failing(outcome="inconclusive")], [failing()], 1),
        ([passing()], [passing(outcome="error")], 3),
    ],
)
def test_only_what_is_worse_fails(project, base, now, code):
    """New, more severe, more operators, reached now; a check that is no longer measured is inconclusive."""
    assert code == with_baseline(project, made(*base), made(*now))[0]


def test_without_fail_new_the_baseline_excuses_nothing(project):
    """It only says what is new."""
    code, out, _ = with_baseline(project, made(failing()), made(failing()), "baseline = {manifest = 'base.dsse.json'}")
    assert code == 1
    assert "unchanged against the baseline" in out


def test_a_replay_that_diverged_before_is_not_new(project):
    """By its command."""
    told = [made(replays=[replayed(verdict)]) for verdict in ("identical", "diverged")]
    assert with_baseline(project, told[1], told[1])[0] == 0


def test_a_replay_that_diverges_now_is_new(project):
    """It was identical in the baseline."""
    assert with_baseline(project, made(replays=[replayed()]), made(replays=[replayed("diverged")]))[0] == 1


def with_run(manifest, **changes):
    """The manifest with a changed run."""
    run = manifest.predicate.run.model_copy(update=changes)
    return manifest.model_copy(update={"predicate": manifest.predicate.model_copy(update={"run": run})})


OTHER = AuditorInfo(version="0.1", payload_sha256="aa" * 32)


@pytest.mark.parametrize(
    ("base", "told"),
    [
        (with_run(made(failing()), tier="full"), "tier"),
        (made(failing(), auditor=OTHER), "version of the checks"),
        (made(failing(), passing("torch-resume")), "checks only in the baseline: torch-resume"),
        (made(), "checks only here: python-hash-seed"),
        (
            with_run(made(failing()), asked=made().predicate.run.asked.model_copy(update={"severities": "x"})),
            "severities",
        ),
    ],
)
def test_an_incomparable_baseline_excuses_nothing(project, base, told):
    """The failure counts, and what differs is named."""
    code, out, _ = with_baseline(project, base, made(failing()))
    assert code == 1
    assert "incomparable" in out
    assert told in out


def test_an_incomparable_baseline_alone_is_inconclusive(project):
    """Exit 3, although nothing fails."""
    assert with_baseline(project, with_run(made(), tier="full"), made())[0] == 3


def test_other_cases_are_incomparable(project):
    """A check that measured a part of its cases there."""
    sides = [
        made(readings=[Reading(check="torch-same-seed", process="p", settings=settings, values={"a": "b"})])
        for settings in ({"part": "quick"}, {})
    ]
    code, out, _ = with_baseline(project, sides[0], sides[1])
    assert code == 3
    assert "other cases of torch-same-seed" in out


# ---------------------------------------------------------------------------------------------------- what may differ


@pytest.mark.parametrize(
    ("now", "code"),
    [
        (installed(torch="2.13.0", numpy="2.4.0"), 0),
        (installed(torch="2.13.0", numpy="2.5.0"), 0),
        (installed(torch="2.14.0", numpy="2.4.0"), 1),
        (installed(torch="2.13.0", numpy="2.4.0", evil="1"), 1),
        (installed(numpy="2.4.0"), 1),
        ({"python.distributions": Fact(state="error", role="software")}, 3),
    ],
)
def test_packages_change_only_where_allowed(project, now, code):
    """Changed, added or removed ones that the policy does not allow fail."""
    base = made(facts=installed(torch="2.13.0", numpy="2.4.0"))
    assert code == with_baseline(project, base, made(facts=now), ALLOW)[0]


def measured(**operators):
    """A manifest with a table of operators of one check, measured twice."""
    values = {"operators": operators, "inputs": dict.fromkeys(operators, "i")}
    readings = [Reading(check="torch-same-seed", process=f"p{n}", values=values) for n in range(2)]
    return made(readings=readings)


@pytest.mark.parametrize(
    ("now", "code"),
    [
        (measured(index_add="x", matmul="y"), 0),
        (measured(index_add="z", matmul="y"), 0),
        (measured(index_add="x", matmul="z"), 1),
    ],
)
def test_bits_move_only_where_allowed(project, now, code):
    """By operator."""
    found, out, _ = with_baseline(project, measured(index_add="x", matmul="y"), now, ALLOW)
    assert code == found, out
    assert ("matmul" in out) == bool(code)


def test_differences_that_the_policy_does_not_mention_are_not_judged(project):
    """Without `allow` another version is no failure."""
    sides = [made(facts=installed(torch=version)) for version in ("2.13.0", "2.14.0")]
    assert with_baseline(project, *sides)[0] == 0


# -------------------------------------------------------------------------------------------------------------- trust


def test_an_unsigned_or_foreign_baseline_is_refused(project):
    """Exit 4, although the manifest itself is signed."""
    project.policy(TABLE + "}")
    folder = project.signed(made())
    base = project.folder / "base.dsse.json"

    base.write_bytes((project.signed(made(), "foreign", Ed25519Signer.generate()) / "manifest.dsse.json").read_bytes())
    assert project.run(folder)[0] == 4

    base.write_bytes(project.unsigned(made(), "bare.json").read_bytes())
    assert project.run(folder)[0] == 4


def test_an_absent_baseline_is_a_usage_error(project):
    """Exit 2, and how to write one."""
    project.policy(TABLE + "}")
    code, _, err = project.run(project.signed(made()))
    assert code == 2
    assert "--update-baseline" in err


def test_fail_new_without_a_baseline_is_a_usage_error(project):
    """Exit 2."""
    project.policy("")
    assert project.run(project.signed(made()), "--fail-new")[0] == 2


# ------------------------------------------------------------------------------------------------------------- update


def test_a_new_baseline_is_signed_and_says_what_it_accepts(project):
    """A red day one becomes green, and only what is worse fails then."""
    project.policy("")
    folder = project.signed(made(failing()))
    assert project.run(folder)[0] == 1

    code, out, _ = project.run(folder, "--update-baseline", "--sign-with", "ci.pem")
    assert code == 0
    assert "accepts 1 failures" in out
    assert "python-hash-seed" in out

    name = "auditor-baseline.dsse.json"
    assert project.run(folder, "--baseline", name, "--fail-new")[0] == 0
    worse = project.signed(made(failing(severity="critical")), "worse")
    assert project.run(worse, "--baseline", name, "--fail-new")[0] == 1


def test_a_baseline_is_never_made_of_what_nobody_vouches_for(project):
    """An unsigned manifest, a foreign one, a key that is not trusted, this machine's own key."""
    project.policy("")
    other = Ed25519Signer.generate()
    (project.folder / "other.pem").write_bytes(other.private_pem())
    (project.folder / "own.pem").write_bytes(local.identity().private_pem())
    good = project.signed(made())

    assert project.run(project.unsigned(made()), "--update-baseline", "--sign-with", "ci.pem")[0] == 4
    foreign = project.signed(made(), "foreign", other)
    assert project.run(foreign, "--update-baseline", "--sign-with", "ci.pem")[0] == 4
    assert project.run(good, "--update-baseline", "--sign-with", "other.pem")[0] == 4
    assert project.run(good, "--update-baseline", "--sign-with", "own.pem")[0] == 4
    assert project.run(good, "--update-baseline")[0] == 2
    assert not [*project.folder.glob("auditor-baseline*")]
