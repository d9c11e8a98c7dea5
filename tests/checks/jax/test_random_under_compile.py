"""Draws of one key: the same in every way of computing them; another generator's documented difference is told."""

import pytest
import support

pytestmark = [pytest.mark.frameworks, pytest.mark.slow]
OTHER_GENERATOR = "import jax\njax.config.update('jax_default_prng_impl', 'rbg')\n"
SHARDS_MATTER = """
import jax
real = jax.jit

def jit(run, **options):
    shift = len(options["out_shardings"].device_set) if "out_shardings" in options else 0
    compiled = real(run, **options)
    return lambda key: compiled(jax.random.fold_in(key, shift) if shift else key)

jax.jit = jit
"""


def test_draws_do_not_depend_on_how_they_are_computed():
    """Compiled, in loops, under vmap, rematerialised and on 2, 4 and 8 devices: the bits of op by op."""
    found = support.verdict("jax-random-under-compile")

    assert (found.outcome, len(found.evidence["held"])) == ("pass", 48), found


def test_draws_that_depend_on_shards_are_caught(tmp_path):
    """Draws that change with the number of devices are named, undocumented, and nothing else is."""
    setup = tmp_path / "setup.py"
    setup.write_text(SHARDS_MATTER)

    found = support.verdict("jax-random-under-compile", setup=str(setup))

    assert (found.outcome, found.known) == ("fail", "undocumented")
    assert all(name.endswith("devices") for name in found.evidence["broken"])
    assert len(found.evidence["broken"]) == 18


@pytest.mark.exhaustive
def test_the_documented_difference_of_another_generator_is_told(tmp_path):
    """With `rbg` as the generator in use, draws under vmap differ, as JAX documents."""
    setup = tmp_path / "setup.py"
    setup.write_text(OTHER_GENERATOR)

    found = support.verdict("jax-random-under-compile", setup=str(setup))

    assert (found.outcome, found.known) == ("fail", "documented")
    assert all(name.startswith("rbg: ") and name.endswith("under vmap") for name in found.evidence["broken"])
