"""jax-draw-layout: keys of longer and shorter splits, and keys in other places."""

import outcomes
import pytest
import support

from auditor.catalogue import catalogue
from auditor.manifest.models import Reading

pytestmark = [pytest.mark.frameworks, pytest.mark.slow]
CHECK = "jax-draw-layout"
FAULT = """
import jax

def split(key, num=2, plain=jax.random.split):
    return plain(jax.random.fold_in(key, num), num)

jax.random.split = split
"""
"""A split whose keys depend on their number, as without the flag."""
OFF = "import jax\njax.config.update('jax_threefry_partitionable', False)\n"


def test_jax_keeps_its_promises():
    """The first keys of a split are those of a longer one, and a key is the same wherever it lies."""
    reply = support.measure(CHECK)
    (reading,) = reply.repeats
    held = [Reading(check=CHECK, process="jax-1", settings={}, values=reading)]

    assert "pass" == outcomes.judge(catalogue.load().check(CHECK), held).outcome
    assert {"split into 1: as fold_in", "split into 1000: as fold_in"} <= set(reading)
    assert "normal: a key out of a transposed array" in reading


def test_a_split_that_depends_on_its_number_is_caught(tmp_path):
    """Every length is named; draws from one key in several places still agree."""
    setup = tmp_path / "setup.py"
    setup.write_text(FAULT)

    broken = support.verdict(CHECK, setup=str(setup)).evidence["broken"]

    assert {f"split into {count}: as fold_in" for count in (1, 3, 6, 1000)} == set(broken)


@pytest.mark.exhaustive
def test_without_the_flag_nothing_is_promised_about_splits(tmp_path):
    """The old generator's keys depend on their number; that is what its flag says, and the reading records it."""
    setup = tmp_path / "setup.py"
    setup.write_text(OFF)
    (reading,) = support.measure(CHECK, setup=str(setup)).repeats

    assert "split into 3: as fold_in" not in reading
    assert reading["conditions"]["jax_threefry_partitionable"] is False
    assert "pass" == support.verdict(CHECK, setup=str(setup)).outcome
