"""The policy: validated, with the nearest right key; one file; hostile files cost little."""

import time
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.errors import UsageError
from auditor.gate.policy import read, source, tables, toml
from auditor.manifest.models import SEVERITIES


def policy(text):
    """The policy that this text of auditor.toml gives."""
    return read.policy(read.table_of(text.encode(), "auditor.toml"), "auditor.toml")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("tiers = 'full'", "unknown key 'tiers'. Did you mean tier?"),
        ("facts.x = {at-leest = 3}", "unknown key 'facts.x.at-leest'. Did you mean at-least?"),
        ("fail = {seutp = 'low'}", "unknown key 'fail.seutp'. Did you mean setup?"),
        ("checks = {requires = []}", "unknown key 'checks.requires'. Did you mean require?"),
        ("baseline = {allow = {pakages = []}}", "unknown key 'baseline.allow.pakages'. Did you mean packages?"),
        ("[[rules]]\nany-of = [{chek = 'x'}]", "unknown key 'rules.0.any-of.0.chek'. Did you mean check?"),
        ("max_age_days = 3", "unknown key 'max_age_days'. Did you mean max-age-days?"),
        ("fail = 'hig'", "'fail.setup': Input should be"),
        ("python = 3", "'python': Input should be a valid string"),
        ("commit = 1", "'commit'"),
        ("versions = ['torch>=2; os_name==1']", "'versions'"),
        ("versions = ['torch @ https://example.org/x.whl']", "'versions'"),
        ("facts.a = {}", "say what must hold"),
        ("facts.a = [1]", "true, false, a number or a text"),
        ("facts.a = {version = 'two'}", "version specifiers"),
        ("[[rules]]\nname = 'x'", "exactly one of"),
        ("[[rules]]\ncheck = 'a'\nreplay = 'b'", "exactly one of"),
        ("[[rules]]\nat-least = [{check = 'a'}]", "belong together"),
        ("[[rules]]\ncount = 2\nat-least = [{check = 'a'}]", "count is 2"),
        ("[[rules]]\nany-of = []", "an empty rule"),
        ("rules = [" + "{all-of = [" * 12 + "{check = 'a'}" + "]}" * 12 + "]", "nested deeper"),
    ],
)
def test_what_a_policy_cannot_be_is_refused_with_the_place(text, told):
    """Exit code 2, the key, and the nearest right one."""
    with pytest.raises(UsageError) as problem:
        policy(text)
    assert told in problem.value.message


def test_everything_that_a_policy_can_say_is_read():
    """Short and long forms give the same."""
    short = policy("lock = 'uv.lock'\nfail = 'low'\nfacts.'a.b' = true")
    long = policy(
        "lock = {file = 'uv.lock'}\nfail = {setup = 'low', reached = 'low'}\nfacts = {'a.b' = {equal = true}}"
    )
    assert short == long
    assert short.lock == tables.Lock(file="uv.lock")


def test_every_severity_is_a_threshold():
    """One list of severities."""
    assert (*SEVERITIES, "never") == get_args(tables.Threshold)


@pytest.mark.parametrize(
    "text",
    [
        "a" + ".a" * 400_000 + " = 1",
        '"a".' * 200_000 + "a = 1",
        "x = {" + "a." * 400_000 + "a = 1}",
        "x = " + "[" * 400_000,
        "x = " + "[" * 200 + "]" * 200,
        "x = " + "9" * 900_000,
        "x = " + "." * 900_000,
        'x = "' + "\\\\" * 400_000,
        '"' * 900_000,
        "\n".join(f"[[a.{'b.' * 20}c]]" for _ in range(15_000)),
        "x = nan",
        "x = 1e999",
        "x = 9007199254740993",
        "x = '" + "a" * 2_000_000 + "'",
        "\x00",
    ],
    ids=lambda text: f"{text[:8]!a}-{len(text)}",
)
def test_hostile_files_are_refused_without_much_work(text):
    """Long keys, deep nesting, huge numbers and sizes: a usage error in seconds of processor time, not in hours."""
    began = time.process_time()
    with pytest.raises(UsageError):
        policy(text)
    assert time.process_time() - began < 60  # Python's reader alone takes days for the first


def test_bytes_that_are_no_text_are_refused():
    """A usage error, not an exception of the decoder."""
    with pytest.raises(UsageError, match="not UTF-8"):
        toml.load(b"\xff", "auditor.toml")


@given(
    st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.floats(), st.lists, max_leaves=8)
)
def test_any_value_under_any_key_is_a_policy_or_a_usage_error(value):
    """No other exception leaves the validation."""
    for name in [tables.dashed(field) for field in tables.Policy.model_fields]:
        try:
            read.policy({name: value, "facts": {"a": value}, "rules": [{"check": value}]}, "auditor.toml")
        except UsageError:
            continue


@given(st.text(alphabet="[]{}=.,\"'\n#a1- ", max_size=60))
def test_any_text_is_a_policy_or_a_usage_error(text):
    """Nothing but a usage error leaves the reader."""
    try:
        policy(text)
    except UsageError:
        return


# -------------------------------------------------------------------------------------------------------------- place


def test_a_table_of_pyproject_counts(tmp_path):
    """`[tool.auditor]`, and a project without one has the defaults."""
    (tmp_path / "pyproject.toml").write_text("[tool.other]\nx = 1")
    assert source.in_working_tree(tmp_path).name == ""

    (tmp_path / "pyproject.toml").write_text("[tool.auditor]\ntier = 'full'")
    found = source.in_working_tree(tmp_path)
    assert (found.name, found.policy.tier) == ("pyproject.toml", "full")


def test_two_places_are_refused(tmp_path):
    """auditor.toml beside a table of pyproject.toml; beside a pyproject.toml without the table it is fine."""
    (tmp_path / "auditor.toml").write_text("tier = 'full'")
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'x'")
    assert source.in_working_tree(tmp_path).name == "auditor.toml"

    (tmp_path / "pyproject.toml").write_text("[tool.auditor]")
    with pytest.raises(UsageError, match="stands beside"):
        source.in_working_tree(tmp_path)


def test_the_search_goes_up_to_the_top_of_the_checkout_and_no_further(tmp_path):
    """A file in a folder above the checkout, such as /tmp, is no policy."""
    (tmp_path / "auditor.toml").write_text("tier = 'full'")
    inner = tmp_path / "repository" / "a" / "b"
    inner.mkdir(parents=True)
    assert source.in_working_tree(inner).name == ""

    (tmp_path / "repository" / ".git").mkdir()
    assert source.in_working_tree(inner).name == ""

    (tmp_path / "repository" / "auditor.toml").write_text("tier = 'quick'")
    assert source.in_working_tree(inner).policy.tier == "quick"
