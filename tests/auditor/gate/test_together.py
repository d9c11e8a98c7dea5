"""An audit and its replays, judged together."""

from gating import about_commit, made, replayed

from auditor.manifest.models import Fact


def alone(*replays, **changes):
    """What `replay --attach` writes: replays, and no findings."""
    found = made(replays=[*replays], asked=None, **changes)
    predicate = found.predicate.model_copy(update={"findings": [], "readings": []})
    return found.model_copy(update={"predicate": predicate})


def test_requirements_of_both_are_met_by_both(project):
    """Alone each is inconclusive, in any order both together pass."""
    project.policy("checks.require = ['torch-same-seed']\nreplays.require = 1")
    audit, replay = project.signed(made(), "a"), project.signed(alone(replayed()), "r")

    assert project.run(audit)[0] == 3
    assert project.run(replay)[0] == 3
    assert project.run(audit, replay)[0] == 0
    assert project.run(replay, audit)[0] == 0
    assert project.run(audit, project.signed(alone(replayed("diverged")), "d"))[0] == 1


def test_each_must_be_signed(project):
    """Exit 4 for one of them."""
    project.policy("")
    audit = project.signed(made(), "a")
    assert project.run(audit, project.unsigned(alone(replayed())))[0] == 4


def test_each_must_be_about_head_and_clean(project):
    """A replay of another commit, or of a changed tree."""
    project.policy("commit = true\nclean = true")
    project.git("init", "-q")
    head = about_commit(project.commit())
    clean = {"code.dirty": Fact(state="value", role="software", value=False)}
    dirty = {"code.dirty": Fact(state="value", role="software", value=True)}
    audit = project.signed(made(about=head, facts=clean), "a")

    assert project.run(audit, project.signed(alone(replayed(), about=head, facts=clean), "b"))[0] == 0
    other = alone(replayed(), about=about_commit("1" * 40), facts=clean)
    assert project.run(audit, project.signed(other, "c"))[0] == 1
    assert project.run(audit, project.signed(alone(replayed(), about=head, facts=dirty), "d"))[0] == 1


def test_two_audits_are_refused(project):
    """Exit 2: it would not be clear which one counts."""
    project.policy("")
    assert project.run(project.signed(made(), "a"), project.signed(made(), "b"))[0] == 2
