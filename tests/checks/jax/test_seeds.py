"""Seeds in JAX: they reach what draws, differ where they must, and keep 32 bits without 64-bit types."""

import pytest
import support

pytestmark = pytest.mark.frameworks
COLLIDING = """
import jax, numpy
real = jax.random.fold_in
jax.random.fold_in = lambda key, number: real(key, number % 8)
numpy.random.seed = lambda seed: None
"""
FOLDED = """
import jax
real = jax.random.key
jax.random.key = lambda seed: jax.random.fold_in(real(seed & 0xFFFFFFFF), seed >> 32 & 0xFFFFFFFF)
"""


def test_seeds_reach_every_generator():
    """Derived keys, seeds and host callbacks give different draws, and the same again in another process."""
    found = support.verdict("jax-seed-reaches")

    assert found.outcome == "pass", found


def test_streams_that_collide_and_seeds_that_do_not_reach_are_caught(tmp_path):
    """A `fold_in` that knows eight numbers, and a NumPy seed that does nothing, are named; the rest is not."""
    setup = tmp_path / "setup.py"
    setup.write_text(COLLIDING)

    found = support.verdict("jax-seed-reaches", setup=str(setup))

    assert (found.outcome, set(found.evidence["alike"])) == ("fail", {"fold_in", "numpy in a host callback"})


@pytest.mark.slow
def test_the_upper_half_of_a_seed_is_lost_as_documented():
    """Seeds that differ above bit 32 give the same draws with the audited JAX."""
    found = support.verdict("jax-seed-width")

    assert (found.outcome, found.known, len(found.evidence["alike"])) == ("fail", "documented", 3)


@pytest.mark.slow
def test_the_remedy_brings_the_upper_half_back(tmp_path):
    """With the upper half folded in, the draws differ."""
    setup = tmp_path / "setup.py"
    setup.write_text(FOLDED)

    found = support.verdict("jax-seed-width", setup=str(setup))

    assert found.outcome == "pass", found
