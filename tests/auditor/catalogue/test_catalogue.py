"""The catalogue: read from the payload, kept by its digest, and selected from."""

import pytest
from pydantic import ValidationError
from support import ROOT

from auditor.audit import plan
from auditor.catalogue import cache, catalogue, severities
from auditor.errors import UsageError
from auditor.frameworks import FRAMEWORKS
from auditor.interpreter import conversation
from auditor.manifest.models import Reading


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


def test_what_was_read_once_is_kept_and_is_the_same(monkeypatch):
    """The second time no process is started."""
    first = catalogue.load()
    monkeypatch.setattr(conversation, "ask", lambda *_: pytest.fail("a process was started"))

    assert first == catalogue.load()


def test_a_changed_payload_is_read_anew(tmp_path, monkeypatch):
    """The name holds the digest over every file: one other character, and nothing old is taken."""
    import shutil

    catalogue.load()
    copy = tmp_path / "payload" / "checks"
    shutil.copytree(conversation.payload_folder(), copy, ignore=shutil.ignore_patterns("__pycache__"))
    text = (copy / "python" / "hash_seed.py").read_text()
    (copy / "python" / "hash_seed.py").write_text(text.replace('tier="quick"', 'tier="full"'))
    monkeypatch.setattr(conversation, "folder", lambda name: copy.parent / name)

    assert "full" == catalogue.load().check("python-hash-seed").tier


def test_a_changed_table_of_severities_is_read_anew(monkeypatch):
    """It is the host's and in no payload digest: an old entry must not give an old severity."""
    before = catalogue.load().check("python-hash-seed").severity
    row = severities.SEVERITIES["hash-seed"]._replace(severity="critical")
    monkeypatch.setitem(severities.SEVERITIES, "hash-seed", row)

    assert (before, catalogue.load().check("python-hash-seed").severity) == ("medium", "critical")


@pytest.mark.parametrize("rubbish", [b"", b"{", b'{"checks": 3}', b"\xff"])
def test_a_broken_cache_is_read_anew_and_mended(rubbish):
    """Half a file, or somebody else's, costs time and nothing else."""
    expected = catalogue.load()
    (kept,) = cache.place("0" * 64, "everything").parent.glob("*-everything.json")
    kept.write_bytes(rubbish)

    assert expected == catalogue.load()
    assert kept.read_bytes() != rubbish


def test_an_unwritable_cache_folder_costs_nothing_else(monkeypatch):
    """No home, a full disk, another user's folder: the catalogue is read all the same."""
    monkeypatch.setenv("XDG_CACHE_HOME", "/proc/nowhere")

    assert catalogue.load().checks


@pytest.mark.parametrize("declared", [{"last": True}, {"together": "raw"}])
def test_a_place_in_a_process_needs_one_of_its_own(declared):
    """Without `isolates` others would follow a check that leaves state behind."""
    known = catalogue.load().check("python-hash-seed").model_dump()

    assert catalogue.CheckInfo.model_validate({**known, "isolates": True, **declared}).isolates
    with pytest.raises(ValidationError, match="need `isolates`"):
        catalogue.CheckInfo.model_validate({**known, **declared})


def test_selection_names_its_reasons():
    """A named check runs whatever its tier, a required one besides the others; an unknown name says what is near."""
    checks = catalogue.load().checks
    ids = {check.id for check in catalogue.select(checks, frameworks=["jax"])}

    assert ["torch-thread-count"] == [check.id for check in catalogue.select(checks, only=["torch-thread-count"])]
    assert "torch-thread-count" in {check.id for check in catalogue.select(checks, require=["torch-thread-count"])}
    assert "torch-thread-count" not in {check.id for check in catalogue.select(checks)}
    assert {"jax-same-seed", "python-hash-seed"} <= ids
    assert not [name for name in ids if name.startswith(("torch", "tensorflow"))]
    with pytest.raises(UsageError, match="no check 'torch-same'"):
        catalogue.select(checks, only=["torch-same"])


MATRIX = "torch-operator-matrix"


def matrix_of(matrix=MATRIX, **asked):
    """The check of a matrix as it is selected."""
    return next(one for one in catalogue.select(catalogue.load().checks, **asked) if one.id == matrix)


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_the_quick_tier_measures_a_part_of_a_matrix_beside_other_checks(framework):
    """The part holds no cell that compiles or switches, so that it needs no process of its own; JAX compiles all."""
    quick = matrix_of(f"{framework}-operator-matrix")
    other = catalogue.load().check(f"{framework}-seed-reaches")
    jobs = plan.jobs_for([(check, plan.first_arms(check)) for check in (quick, other)])
    (job,) = [job for job in jobs if quick.id in job.checks()]

    assert "part" not in job.settings
    assert other.id in job.checks()
    assert [{"part": "quick"}] == [step["settings"] for step in job.steps if step["check"] == quick.id]


@pytest.mark.parametrize("asked", [{"tier": "full"}, {"only": [MATRIX]}, {"require": [MATRIX]}])
def test_the_full_tier_and_who_names_it_measure_all_of_its_cells(asked):
    """In a process of its own."""
    whole = matrix_of(**asked)

    assert (True, {}) == (whole.isolates, whole.under)


@pytest.mark.parametrize(
    ("asked", "under"),
    [
        ({"tier": "full"}, {"hash-seed": "0", "part": "full"}),
        ({"tier": "full", "all_cases": True}, {"hash-seed": "0", "all": "1"}),
        ({"tier": "full", "require": ["torch-every-operator"]}, {"hash-seed": "0"}),
        ({"only": ["torch-every-operator"]}, {"hash-seed": "0"}),
    ],
)
def test_the_full_tier_takes_a_part_of_what_takes_longer_than_it_has(asked, under):
    """Who names the check, or asks for all cases, gets all of them; what was measured again has the same part."""
    (found,) = [one for one in catalogue.select(catalogue.load().checks, **asked) if one.id == "torch-every-operator"]
    told = Reading(check=found.id, process="torch-1", settings=found.steady, values={})
    (again,) = catalogue.as_measured(catalogue.load().checks, [told])

    assert under == found.under == again.under


@pytest.mark.parametrize("check_id", catalogue.SAMPLED)
def test_what_the_full_tier_samples_knows_its_part_and_all_cases(check_id):
    """A check that does not read its part would say that it measured one, and measure everything."""
    framework, _, name = check_id.partition("-")
    text = (ROOT / "checks" / framework / f"{name.replace('-', '_')}.py").read_text(encoding="utf-8")
    every = catalogue.select(catalogue.load().checks, tier="full", all_cases=True)
    (whole,) = [one for one in every if one.id == check_id]

    assert any(reads in text for reads in ('settings.get("part")', "fusions.asked(", "matrix.asked("))
    assert ("1", False) == (whole.under["all"], "part" in whole.under)


def test_all_cases_go_before_the_quick_part():
    """`--all` in either tier."""
    assert {"all": "1"} == matrix_of(all_cases=True).under == matrix_of(all_cases=True, tier="full").under


@pytest.mark.parametrize(("settings", "under"), [({}, {}), ({"part": "quick"},) * 2, ({"all": "1"},) * 2])
def test_what_is_measured_again_has_the_cases_of_its_readings(settings, under):
    """Inside an image, or elsewhere; checks without a reading are left out."""
    (again,) = catalogue.as_measured(
        catalogue.load().checks, [Reading(check=MATRIX, process="torch-1", settings=settings, values={})]
    )

    assert (MATRIX, under) == (again.id, again.under)
