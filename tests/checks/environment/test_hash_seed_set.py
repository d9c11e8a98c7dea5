"""The hash seed is set, in time."""

import pytest
import support


@pytest.mark.parametrize(("value", "outcome"), [(None, "fail"), ("random", "fail"), ("0", "pass"), ("4711", "pass")])
def test_hash_seed_must_be_a_number(monkeypatch, value, outcome):
    """PYTHONHASHSEED unset or `random` fails, a number passes."""
    if value is not None:
        monkeypatch.setenv("PYTHONHASHSEED", value)

    assert outcome == support.verdict("environment-hash-seed-set").outcome


def test_a_hash_seed_set_by_the_program_is_too_late(tmp_path):
    """A set-up file that sets PYTHONHASHSEED inside the process is told that it came too late."""
    setup = tmp_path / "late.py"
    setup.write_text("import os\nos.environ['PYTHONHASHSEED'] = '0'\n")

    found = support.verdict("environment-hash-seed-set", setup=str(setup))

    assert (
        found.outcome,
        found.evidence["broken"]["PYTHONHASHSEED"]["observed"],
    ) == ("fail", "set after the process started")
