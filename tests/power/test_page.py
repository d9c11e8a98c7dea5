"""The page about power: every missed plant has a reason, every kind names plants that exist, nothing is left out."""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
import power  # noqa: E402 - a tool, found only now
import power_page  # noqa: E402

PLANTS = power.plants("", ())
BEFORE = {"date": "2026-01-01", "plants": 4, "caught": 1, "missed": {}, "by": {}}
AFTER = {
    "date": "2026-02-01",
    "plants": 4,
    "caught": 3,
    "missed": {"torch/autotune_split_product": "torch-autotune pass"},
    "by": {"jax/seeds_collide_in_pairs": "jax-seed-reaches"},
    "control": {"torch/arange_rounds_without_vectors": "torch-isa: pass to fail"},
}


def test_first_and_last_score_the_missed_ones_and_the_controls_are_told():
    text = power_page.page([BEFORE, AFTER], {"torch/autotune_split_product": "No second kernel here."}, PLANTS)

    assert "| first, 2026-01-01 | 4 | 1 (25 %) |" in text
    assert "| last, 2026-02-01 | 4 | 3 (75 %) |" in text
    assert "- `torch/autotune_split_product`: No second kernel here. Measured: torch-autotune pass." in text
    assert "| `jax-seed-reaches` | 1 |" in text
    assert "- under `torch/arange_rounds_without_vectors`: torch-isa: pass to fail" in text


def test_a_missed_plant_without_a_reason_is_an_error():
    with pytest.raises(KeyError):
        power_page.page([AFTER], {}, PLANTS)


def test_every_kind_names_plants_that_exist():
    known = {one.name for one in PLANTS}

    assert {name for names in power_page.KINDS.values() for name in names} <= known
