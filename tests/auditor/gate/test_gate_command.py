"""The command: exit codes, who may sign, and what is written where."""

import json
import subprocess

import pytest
from gating import about_commit, failing, made, passing, reached, replayed

from auditor.signing import local
from auditor.signing.ed25519 import Ed25519Signer
from auditor.signing.keys import load_signer


def test_a_manifest_that_the_policy_allows_passes(project):
    """Exit 0, and the text says by whom it was signed."""
    project.policy("")

    code, out, _ = project.run(project.signed(made()))

    assert code == 0
    assert out.startswith("gate: passed\n")
    assert "signed by a trusted key" in out


@pytest.mark.parametrize(
    ("finding", "code"),
    [
        (failing(), 1),
        (failing(severity="medium"), 0),
        (failing(kind=None), 1),
        (failing("own-thing", kind="release"), 1),
        (reached(), 1),
        (reached(state="unknown"), 0),
        (reached(state="not-reached"), 0),
        (passing(), 0),
        (failing(outcome="inconclusive"), 0),
    ],
)
def test_severities_count_by_kind_and_reach(project, finding, code):
    """By default: what the set-up decides, and what the program reaches, from high on."""
    project.policy("")

    assert code == project.run(project.signed(made(finding)))[0]


@pytest.mark.parametrize(
    ("fail", "finding", "code"),
    [
        ("fail = 'medium'", failing(severity="medium"), 1),
        ("fail = 'critical'", failing(), 0),
        ("fail = 'never'", failing(severity="critical"), 0),
        ("fail = {unknown = 'critical'}", reached(state="unknown"), 1),
        ("fail = {not-reached = 'low'}", reached(state="not-reached"), 1),
        ("checks.require = ['torch-uninitialised']", reached(state="unknown"), 1),
    ],
)
def test_the_policy_sets_the_thresholds(project, fail, finding, code):
    """Each kind and reach has its own; a required check counts whatever its reach."""
    project.policy(fail)
    assert code == project.run(project.signed(made(finding)))[0]


@pytest.mark.parametrize("outcome", ["inconclusive", "not-applicable", "error"])
def test_a_required_check_that_was_not_measured_is_no_pass(project, outcome):
    """Exit 3, and the reason is told."""
    project.policy("checks.require = ['torch-same-seed']")

    code, out, _ = project.run(project.signed(made(failing("torch-same-seed", outcome=outcome, message="no luck"))))

    assert code == 3
    assert f"its outcome is {outcome}: no luck" in out


def test_a_required_check_that_is_absent_is_no_pass_and_the_nearest_is_named(project):
    """Exit 3 for a misspelled id."""
    project.policy("checks.require = ['torch-same-sed']")

    code, out, _ = project.run(project.signed(made(passing())))

    assert code == 3
    assert "Did you mean torch-same-seed?" in out


def test_a_failure_comes_before_what_could_not_be_measured(project):
    """Exit 1 of both."""
    project.policy("checks.require = ['torch-resume']")
    assert project.run(project.signed(made(failing())))[0] == 1


@pytest.mark.parametrize(("verdict", "code"), [("identical", 0), ("diverged", 1), ("inconclusive", 0)])
def test_a_replay_counts(project, verdict, code):
    """A divergence fails; one that could not be decided counts only where a replay is required."""
    project.policy("")

    found, out, _ = project.run(project.signed(made(replays=[replayed(verdict)])))

    assert code == found
    assert ("train.py line 2" in " ".join(out.split())) == (verdict == "diverged")


@pytest.mark.parametrize(
    ("replays", "code"),
    [
        ([], 3),
        ([replayed()], 0),
        ([replayed("inconclusive")], 3),
        ([replayed(partial="budget")], 3),
        ([replayed(runs=2)], 3),
        ([replayed(command=["python", "other.py"])], 3),
        ([replayed("diverged")], 1),
    ],
)
def test_a_required_replay_must_be_whole_and_identical(project, replays, code):
    """Absent, cut short, with too few runs or of another command: exit 3."""
    project.policy("replays = {require = 1, commands = ['python train.py*'], runs = 3}")
    assert code == project.run(project.signed(made(replays=replays)))[0]


@pytest.mark.parametrize("findings", [(failing(), failing(outcome="pass")), (failing(outcome="pass"), failing())])
def test_a_second_finding_of_a_check_hides_no_failure(project, findings):
    """Whatever their order."""
    project.policy("rules = [{check = 'python-hash-seed'}]")
    code, found = project.json(project.signed(made(*findings)))
    assert code == 1
    assert {"finding", "check"} == {one["rule"] for one in found["counting"]}


def test_nothing_to_judge_is_no_pass(project):
    """A manifest without findings and replays."""
    project.policy("")
    bare = made().model_copy(update={"predicate": made().predicate.model_copy(update={"findings": [], "readings": []})})
    assert project.run(project.signed(bare))[0] == 3


# --------------------------------------------------------------------------------------------------------- who signs


def test_an_unsigned_manifest_is_refused(project):
    """Exit 4, and nothing is judged."""
    project.policy("")

    code, out, err = project.run(project.unsigned(made()))

    assert (code, out) == (4, "")
    assert "UNSIGNED" in err


def test_a_foreign_key_is_refused(project):
    """Exit 4: the key beside the manifest proves nothing."""
    project.policy("")
    assert project.run(project.signed(made(), signer=Ed25519Signer.generate()))[0] == 4


def test_a_changed_manifest_is_refused(project):
    """Exit 4 for one byte."""
    project.policy("")
    envelope = project.signed(made()) / "manifest.dsse.json"
    document = json.loads(envelope.read_text())
    document["payload"] = document["payload"].replace("A", "B", 1)
    envelope.write_text(json.dumps(document))

    assert project.run(envelope)[0] == 4


def test_this_machines_own_key_never_counts(project):
    """Not even if the policy or an option names it: the audited code could use it."""
    own = local.identity()
    (project.folder / "own.pub").write_bytes(own.verifier().public_pem())
    project.policy('keys = ["own.pub"]\n', keys=False)
    folder = project.signed(made(), signer=own)

    assert project.run(folder)[0] == 4
    code, _, err = project.run(folder, "--key", "own.pub")
    assert code == 4
    assert "own key never counts" in err


def test_a_key_of_the_command_line_comes_first(project):
    """With --key the policy's keys do not count."""
    other = Ed25519Signer.generate()
    (project.folder / "other.pub").write_bytes(other.verifier().public_pem())
    project.policy("")

    assert project.run(project.signed(made(), signer=other), "--key", "other.pub")[0] == 0
    assert project.run(project.folder / "audit", "--key", "ci.pub")[0] == 4


def test_allowed_signers_of_openssh_are_accepted_keys(project, tmp_path):
    """A key of the file signs; another does not."""
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / "key"], check=True)
    ssh = (tmp_path / "key.pub").read_text(encoding="utf-8").strip()
    (project.folder / "allowed").write_text(f"me@example.org {ssh}\n", encoding="utf-8")
    project.policy("")

    folder = project.signed(made(), signer=load_signer(tmp_path / "key"))
    assert project.run(folder, "--allowed-signers", "allowed")[0] == 0
    assert project.run(project.signed(made(), "other"), "--allowed-signers", "allowed")[0] == 4


def test_same_job_counts_only_from_the_base(project):
    """The working tree cannot lift the signature; the base can, and the result says that nobody vouches."""
    project.policy('signature = "same-job"\n')
    path = project.unsigned(made())
    project.git("init", "-q")

    code, _, err = project.run(path)
    assert code == 4
    assert "--policy-from" in err

    project.commit()
    code, out, _ = project.run(path, "--policy-from", "HEAD")
    assert code == 0
    assert "unsigned: nobody vouches" in out


def test_same_job_does_not_excuse_a_broken_signature(project):
    """An envelope that does not verify is exit 4 even then."""
    project.policy('signature = "same-job"\n')
    folder = project.signed(made(), signer=Ed25519Signer.generate())
    project.git("init", "-q")
    project.commit()
    assert project.run(folder, "--policy-from", "HEAD")[0] == 0

    (folder / "signer.pub").write_bytes((project.folder / "ci.pub").read_bytes())
    assert project.run(folder, "--policy-from", "HEAD")[0] == 4


# ------------------------------------------------------------------------------------------------------------ subject


def test_the_manifest_must_be_about_head(project):
    """Another commit fails, none is inconclusive."""
    project.policy("commit = true")
    project.git("init", "-q")
    head = project.commit()

    assert project.run(project.signed(made(about=about_commit(head)), "a"))[0] == 0
    assert project.run(project.signed(made(about=about_commit("0" * 40)), "b"))[0] == 1
    assert project.run(project.signed(made(), "c"))[0] == 3


# ------------------------------------------------------------------------------------------------------------ outputs


def test_several_formats_are_written_and_the_text_is_printed(project):
    """Each -o belongs to the --format at the same place."""
    project.policy("")
    folder = project.signed(made(failing()))

    code, out, _ = project.run(folder, "--format", "sarif", "-o", "a.sarif", "--format", "junit", "-o", "a.xml")

    assert (code, out.splitlines()[0]) == (1, "gate: FAILED")
    assert json.loads((project.folder / "a.sarif").read_text())["version"] == "2.1.0"
    assert (project.folder / "a.xml").read_text().startswith("<?xml")


@pytest.mark.parametrize("words", [("--format", "text", "--format", "json"), ("-o", "a", "-o", "b")])
def test_ambiguous_outputs_are_refused(project, words):
    """Exit 2, before anything is judged."""
    project.policy("")
    assert project.run(project.signed(made()), *words)[0] == 2


def test_without_a_manifest_there_is_nothing_to_do(project):
    """Exit 2."""
    assert project.run()[0] == 2
