"""`--policy-from REV`: nothing of the working tree's policy counts."""

import pytest
from gating import failing, made


@pytest.fixture
def strict(project):
    """A repository whose base has a strict policy."""
    project.policy("fail = 'high'\nbaseline = {manifest = 'base.dsse.json'}")
    (project.folder / "base.dsse.json").write_bytes(
        (project.signed(made(), "base") / "manifest.dsse.json").read_bytes()
    )
    project.git("init", "-q", "-b", "main")
    project.commit("base")
    return project


def test_a_loosened_policy_does_not_count(strict):
    """The working tree says never; the base says high."""
    strict.policy("fail = 'never'")
    folder = strict.signed(made(failing()))

    assert strict.run(folder)[0] == 0
    code, out, _ = strict.run(folder, "--policy-from", "main")
    assert code == 1
    assert "policy: auditor.toml of " in out


def test_a_policy_in_another_file_does_not_count(strict):
    """Neither an invalid one, nor one beside it."""
    (strict.folder / "pyproject.toml").write_text("[tool.auditor]\nfail = 'nonsense'")
    assert strict.run(strict.signed(made()), "--policy-from", "main")[0] == 0


def test_an_accepted_finding_of_the_branch_does_not_count(strict):
    """It does once the base has it."""
    entry = '[[accepted]]\ncheck = "python-hash-seed"\nversions = "python>=3"\n'
    entry += 'reason = "r"\nowner = "o"\nexpires = 2999-01-01\n'
    strict.policy(entry)
    folder = strict.signed(made(failing()))
    assert strict.run(folder, "--policy-from", "main")[0] == 1

    strict.commit()
    assert strict.run(folder, "--policy-from", "HEAD")[0] == 0
    assert strict.run(folder, "--policy-from", "HEAD^")[0] == 1


def test_a_replaced_baseline_does_not_count(strict):
    """The baseline is that of the base."""
    red = made(failing())
    folder = strict.signed(red)
    (strict.folder / "base.dsse.json").write_bytes((folder / "manifest.dsse.json").read_bytes())

    assert strict.run(folder, "--fail-new")[0] == 0
    assert strict.run(folder, "--fail-new", "--policy-from", "main")[0] == 1
    assert strict.run(folder, "--fail-new", "--baseline", "base.dsse.json", "--policy-from", "main")[0] == 1


def test_a_replaced_key_does_not_count(strict):
    """The keys are those of the base."""
    from auditor.signing.ed25519 import Ed25519Signer

    other = Ed25519Signer.generate()
    (strict.folder / "ci.pub").write_bytes(other.verifier().public_pem())
    folder = strict.signed(made(), signer=other)

    assert strict.run(folder)[0] == 4
    assert strict.run(folder, "--policy-from", "main")[0] == 4
    assert strict.run(strict.signed(made(), "right"), "--policy-from", "main")[0] == 0


def test_attributes_of_the_working_tree_do_not_change_the_policy(strict):
    """No filter and no textconv is applied to what is read from the base."""
    (strict.folder / ".gitattributes").write_text("* filter=evil diff=evil\n")
    for name in ("filter.evil.smudge", "diff.evil.textconv"):
        strict.git("config", name, "echo 'fail = \"never\"' #")
    folder = strict.signed(made(failing()))
    assert strict.run(folder, "--policy-from", "main")[0] == 1


def test_the_policy_of_the_folder_counts_in_a_monorepo(strict, monkeypatch):
    """The nearest folder with a policy in that commit, from the working folder up."""
    inner = strict.folder / "project"
    inner.mkdir()
    (inner / "auditor.toml").write_text("fail = 'never'\nkeys = ['../ci.pub']\n")
    (inner / "deep").mkdir()
    (inner / "deep" / "file").write_text("x")
    strict.commit()
    folder = strict.signed(made(failing()))
    monkeypatch.chdir(inner / "deep")
    assert strict.run(folder, "--policy-from", "HEAD")[0] == 0
    assert strict.run(folder, "--policy-from", "HEAD^")[0] == 1


@pytest.mark.parametrize("revision", ["absent", "--help", "main:auditor.toml", "", "-h"])
def test_a_revision_that_is_no_commit_is_a_usage_error(strict, revision):
    """Exit 2; nothing that begins with a dash becomes an option of git. Nor is an empty one the working tree."""
    assert strict.run(strict.signed(made()), f"--policy-from={revision}")[0] == 2


def test_a_base_without_a_policy_is_a_usage_error(project):
    """Exit 2: no policy is no pass."""
    project.git("init", "-q")
    project.commit()
    project.policy("")
    code, _, err = project.run(project.signed(made()), "--policy-from", "HEAD")
    assert code == 2
    assert "holds no policy" in err


def test_a_link_in_the_base_is_refused(project):
    """The text of a symbolic link is no policy."""
    (project.folder / "auditor.toml").symlink_to("ci.pub")
    project.git("init", "-q")
    project.commit()
    assert project.run(project.signed(made()), "--policy-from", "HEAD")[0] == 2


@pytest.mark.parametrize("words", [("--update-baseline", "--sign-with", "ci.pem"), ("--accept", "python-hash-seed")])
def test_what_writes_does_not_read_a_revision(strict, words):
    """Exit 2."""
    assert strict.run(strict.signed(made(failing())), "--policy-from", "main", *words)[0] == 2
