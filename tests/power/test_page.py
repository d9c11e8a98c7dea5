"""The page about power: every missed plant has a reason, every kind names plants that exist, nothing is left out."""

import json
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
import power  # noqa: E402 - a tool, found only now
import power_page  # noqa: E402

PLANTS = power.plants("", ())
DAY = {"date": "2026-01-01", "commit": "abc1234", "told": "", "control": ""}
MISSED, CAUGHT = "torch/autotune_split_product", "jax/seeds_collide_in_pairs"
SCORES = {
    MISSED: {"first": {**DAY, "by": ""}, "last": {**DAY, "by": "", "told": "torch-autotune pass"}},
    CAUGHT: {
        "first": {**DAY, "by": ""},
        "last": {**DAY, "date": "2026-02-01", "by": "jax-seed-reaches", "control": "torch-isa: pass to fail"},
    },
}


def test_first_and_last_results_the_missed_ones_and_the_controls_are_told():
    text = power_page.page(SCORES, {MISSED: "No second kernel here."}, PLANTS)

    assert "| first, 2026-01-01 | 2 | 0 (0 %) |" in text
    assert "| last, 2026-01-01 to 2026-02-01 | 2 | 1 (50 %) |" in text
    assert f"- `{MISSED}`: No second kernel here. Measured: torch-autotune pass." in text
    assert "| `jax-seed-reaches` | 1 |" in text
    assert f"- under `{CAUGHT}`: torch-isa: pass to fail" in text
    assert f"| `{CAUGHT}` | missed | `jax-seed-reaches` | 2026-02-01, abc1234 |" in text
    assert all(f"- `{one.name}`" in text for one in PLANTS if one.name != CAUGHT)  # missed, or not measured yet


def test_a_missed_plant_without_a_reason_is_an_error():
    with pytest.raises(KeyError):
        power_page.page(SCORES, {}, PLANTS)


def test_the_first_recorded_result_stays():
    result = power.Result(next(one for one in PLANTS if one.name == MISSED), "torch-autotune", "", "", 1.0)
    told = power.recorded(SCORES, [result], "def5678")[MISSED]

    assert (told["first"]["by"], told["last"]["by"], told["last"]["commit"]) == ("", "torch-autotune", "def5678")


def test_every_kind_names_plants_that_exist():
    known = {one.name for one in PLANTS}

    assert {name for names in power_page.KINDS.values() for name in names} <= known


def test_nine_of_ten_plants_that_were_measured_are_caught_and_every_missed_one_has_its_reason():
    """The bar of the suite, on what was recorded last; plants that were not measured are told by the page."""
    last = {name: told["last"]["by"] for name, told in power.scores().items()}
    missed = {name for name, by in last.items() if not by}

    assert {*last} <= {one.name for one in PLANTS}
    assert 10 * len(missed) <= len(last), missed
    assert missed <= {*json.loads((ROOT / "tests/power/missed.json").read_text(encoding="utf-8"))}
