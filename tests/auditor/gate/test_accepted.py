"""Accepted findings: all fields or none, ranges, expiry; the list, and writing one."""

import pytest
from gating import failing, made, reached

from auditor.gate import accepted
from auditor.gate.policy import read

ENTRY = """
[[accepted]]
check = "python-hash-seed"
versions = "python>=3.11,<3.12"
reason = "sets are sorted before use"
owner = "me@example.org"
expires = "2999-01-31"
"""


def changed(old, new=""):
    """The entry with one line replaced."""
    assert old in ENTRY
    return ENTRY.replace(old, new)


def test_an_accepted_finding_does_not_count_and_is_shown(project):
    """Exit 0, and its reason is told."""
    project.policy(ENTRY)

    code, out, _ = project.run(project.signed(made(failing())))

    assert code == 0
    assert "Accepted (1):" in out
    assert "sets are sorted before use (me@example.org, until 2999-01-31)" in " ".join(out.split())


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        (changed('reason = "sets are sorted before use"\n'), "reason: Field required"),
        (changed("sets are sorted before use", "  "), "reason: it is empty"),
        (changed('owner = "me@example.org"\n'), "owner"),
        (changed('expires = "2999-01-31"\n'), "expires"),
        (changed('versions = "python>=3.11,<3.12"\n'), "versions"),
        (changed("python>=3.11,<3.12", "python"), "range of versions"),
        (changed("2999-01-31", "soon"), "a date such as"),
        (changed("2999-01-31", "2020-01-31"), "it expired on 2020-01-31"),
        (changed("<3.12", "<3.11.5"), "python is 3.11.9"),
        (changed("python>=3.11", "unheard-of>=3.11"), "does not know the version of unheard-of"),
        (changed("reason =", "reson ="), "reson"),
        (changed("versions", 'fact = "x"\nversions'), "exactly one of"),
    ],
)
def test_what_is_missing_expired_or_out_of_range_lapses(project, entry, told):
    """The finding is back, exit 1, and the text says why the entry does not count."""
    project.policy(entry)

    code, out, _ = project.run(project.signed(made(failing())))

    assert code == 1
    assert told in " ".join(out.split())


@pytest.mark.parametrize("entry", [changed("python-hash-seed", "torch-*"), ""])
def test_an_entry_about_another_check_excuses_nothing(project, entry):
    """Exit 1."""
    project.policy(entry)
    assert project.run(project.signed(made(failing())))[0] == 1


@pytest.mark.parametrize(("names", "code"), [(["index_add"], 0), (["index_add", "matmul"], 1), ([], 1)])
def test_an_operator_must_match_everything_that_deviates(project, names, code):
    """One more operator, and the finding is back."""
    project.policy(changed('check = "python-hash-seed"', 'check = "python-hash-seed"\noperator = "index*"'))
    found = failing(evidence={"differing": dict.fromkeys(names, 2)})
    assert code == project.run(project.signed(made(found)))[0]


def test_a_fact_can_be_accepted(project):
    """By its key; a check of the same name is not meant."""
    text = 'facts."torch.version" = "2.12"\n' + changed("check =", "fact =").replace("python-hash-seed", "torch.*")
    project.policy(text)
    assert project.run(project.signed(made()))[0] == 0
    assert project.run(project.signed(made(failing("torch.x-y")), "b"))[0] == 1


def test_a_rule_about_the_audit_cannot_be_accepted(project):
    """Another commit, a required check."""
    project.policy("commit = true\n" + changed("python-hash-seed", "*"))
    assert project.run(project.signed(made()))[0] == 3


def test_a_finding_that_is_fixed_elsewhere_says_so(project):
    """Accepted or not."""
    fixed = {"differing": {"lstsq": 2}, "releases": [{"name": "lstsq", "passes": ["torch 2.14.1"]}]}
    project.policy("")
    out = project.run(project.signed(made(reached(evidence=fixed))))[1]
    assert "measured to be right in torch 2.14.1" in out

    project.policy(changed("python-hash-seed", "torch-uninitialised"))
    code, out, _ = project.run(project.folder / "audit")
    assert code == 0
    assert "measured to be right in torch 2.14.1" in out


# ------------------------------------------------------------------------------------------------------- list, accept


def test_the_list_is_by_age_and_says_what_lapsed(project):
    """The oldest first; unknown ages before it."""
    old = ENTRY.replace("python-hash-seed", "torch-old") + 'since = "2020-01-01"\n'
    new = ENTRY.replace("python-hash-seed", "torch-new") + "since = 2021-01-01\n"
    project.policy(new + old + changed("2999-01-31", "2020-01-31"))

    code, out, _ = project.run("--list")

    assert code == 0
    assert ["python-hash-seed", "torch-old", "torch-new"] == [line.split()[1] for line in out.splitlines()]
    assert "LAPSED (it expired on 2020-01-31)" in out.splitlines()[0]
    assert "counts" in out.splitlines()[1]


@pytest.mark.parametrize("file", ["auditor.toml", "pyproject.toml"])
def test_accept_writes_an_entry_that_counts_once_it_is_filled_in(project, file):
    """Exit 1 before, exit 0 after; comments of the file stay."""
    project.policy("# a comment\n", file=file)
    folder = project.signed(made(failing()))

    code, out, _ = project.run(folder, "--accept", "python-hash-seed")
    assert code == 0, out
    assert project.run(folder)[0] == 1

    path = project.folder / file
    text = path.read_text()
    assert "# a comment" in text
    for name, value in (("reason", "sorted"), ("owner", "me"), ("expires", "2999-01-31")):
        text = text.replace(f'{name} = ""', f'{name} = "{value}"')
    path.write_text(text)
    assert project.run(folder)[0] == 0


def test_accept_refuses_what_does_not_fail_and_what_cannot_be_accepted(project):
    """Exit 2, and the file is unchanged."""
    project.policy("max-age-days = 0")
    folder = project.signed(made(failing()))
    before = (project.folder / "auditor.toml").read_bytes()

    assert "Did you mean python-hash-seed?" in project.run(folder, "--accept", "python-hash-sed")[2]
    assert project.run(folder, "--accept", "manifest")[0] == 2
    assert before == (project.folder / "auditor.toml").read_bytes()


def test_accept_refuses_to_break_the_file(project):
    """An inline array cannot be appended to."""
    project.policy("accepted = []\n")
    code, _, err = project.run(project.signed(made(failing())), "--accept", "python-hash-seed")
    assert code == 2
    assert "[[accepted]]" in err


@pytest.mark.parametrize("raw", [1, "x", None, [], {"check": 1}, {"check": "x" * 5000}, {"check": {"a": 1}}])
def test_any_entry_is_read_or_lapses(raw):
    """No value of TOML raises."""
    assert accepted.read([raw])[0].entry is None


def test_an_unreadable_entry_does_not_refuse_the_policy():
    """The rest of the policy counts."""
    text = b"accepted = [1, {check = 'x'}]\ntier = 'full'"
    assert read.policy(read.table_of(text, "auditor.toml"), "auditor.toml").tier == "full"
