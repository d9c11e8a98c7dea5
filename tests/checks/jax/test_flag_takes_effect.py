"""JAX's switches: what is broken in jaxlib 0.10.2 is named, what holds is not, and a dead switch is caught."""

import pytest
import support

pytestmark = pytest.mark.frameworks
AFTER_A_DERIVATIVE = [
    "jax_debug_infs, compiled before, after a derivative of relu",
    "jax_debug_nans, compiled before, after a derivative of relu",
]
BROKEN = [
    "XLA_FLAGS set after the first computation",
    *AFTER_A_DERIVATIVE,
    "jax_default_matmul_precision BF16_BF16_F32",
    "jax_default_prng_impl, compiled before",
    "jax_high_dynamic_range_gumbel, compiled before",
]
DEAD_SWITCH = """
import jax
real = jax.config.update
jax.config.update = lambda name, value: None if name == "jax_debug_nans" else real(name, value)
"""
CURED = """
import jax
from _auditor_checks.jax import _late, _switches
_switches.PROBES = [probe for probe in _switches.PROBES if probe.__name__ != "matmul_algorithm"]
_late.late_flags = dict
real = jax.config.update

def update(name, value):
    real(name, value)
    if name in ("jax_default_prng_impl", "jax_high_dynamic_range_gumbel", "jax_debug_nans", "jax_debug_infs"):
        jax.clear_caches()

jax.config.update = update
"""


def _broken(setup=""):
    found = support.verdict("jax-flag-takes-effect", setup=setup)
    return sorted(found.evidence["broken"]), found


def test_what_is_broken_today_is_named():
    """Six promises do not hold with the audited JAX; every other one does."""
    names, found = _broken()

    assert (found.outcome, names) == ("fail", BROKEN)
    assert len(found.evidence["held"]) > 40


def test_a_switch_that_does_nothing_is_caught(tmp_path):
    """With `jax_debug_nans` disconnected, its promises are broken as well, for every dtype."""
    setup = tmp_path / "setup.py"
    setup.write_text(DEAD_SWITCH)

    names, _ = _broken(str(setup))

    dead = ["jax_debug_nans" + kind for kind in ("", " complex64", " bfloat16", " float16")]
    assert sorted([*BROKEN, *dead, *(f"{name}, compiled before" for name in dead)]) == names


def test_the_remedy_cures_what_caches_kept(tmp_path):
    """Clearing the caches after a change cures the stale switches; without the two incurable probes, all is well."""
    setup = tmp_path / "setup.py"
    setup.write_text(CURED)

    found = support.verdict("jax-flag-takes-effect", setup=str(setup))

    assert found.outcome == "pass", found


def _threefry(key, first, second):
    """Threefry-2x32 with 20 rounds on lists of counters, in plain integers (Salmon et al. 2011)."""
    mask, results = 2**32 - 1, []
    keys = (key[0], key[1], key[0] ^ key[1] ^ 0x1BD11BDA)
    for high, low in zip(first, second, strict=True):
        left, right = (high + keys[0]) & mask, (low + keys[1]) & mask
        for group in range(5):
            for turn in ((13, 15, 26, 6), (17, 29, 16, 24))[group % 2]:
                left = (left + right) & mask
                right = ((right << turn | right >> (32 - turn)) & mask) ^ left
            left = (left + keys[(group + 1) % 3]) & mask
            right = (right + keys[(group + 2) % 3] + group + 1) & mask
        results.append((left, right))
    return results


def test_the_known_draws_are_those_of_threefry():
    """Eight draws from key (0, 7): counters in two halves, or one 64-bit counter each whose words are combined."""
    import ast

    source = (support.ROOT / "checks" / "jax" / "_switches.py").read_text(encoding="utf-8")
    line = next(line for line in source.splitlines() if line.startswith("DRAWS = "))
    halves = _threefry((0, 7), range(4), range(4, 8))
    words = _threefry((0, 7), [0] * 8, range(8))

    assert ast.literal_eval(line.removeprefix("DRAWS = ")) == {
        True: [left ^ right for left, right in words][:3],
        False: [left for left, _ in halves][:3],
    }
