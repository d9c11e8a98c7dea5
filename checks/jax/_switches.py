"""Probes of JAX's switches with known answers: {name: (expected, observed)}; each restores its switch."""

from __future__ import annotations

import concurrent.futures
import re

from ._state import setting, switched

DRAWS = {True: [2895194379, 4185947648, 1300703658], False: [51277378, 1628829261, 1440439266]}
"""First three of eight draws of bits from `key(7)` with threefry, partitionable or not (a test computes them)."""


def x64():
    """64-bit types appear eagerly, in a function compiled before and in its loop, and disappear again."""
    import jax
    from jax import numpy as jnp

    def looped():
        return jax.lax.scan(lambda carry, _: (carry * 1.5, carry), jnp.ones(2), None, length=2)[1]

    compiled = jax.jit(looped)
    before = compiled().dtype.name
    with switched("jax_enable_x64", True):
        during, eager, value = compiled().dtype.name, jnp.ones(2).dtype.name, jnp.asarray(1 + 2.0**-40)
    return {
        "jax_enable_x64 off": ("float32", before),
        "jax_enable_x64": ("float64", eager),
        "jax_enable_x64, compiled before": ("float64", during),
        "jax_enable_x64, precision": (1 + 2.0**-40, float(value)),
        "jax_enable_x64 off again": ("float32", compiled().dtype.name),
    }


def matmul_precision():
    """The precision appears in the program of a function compiled before and of its gradient, and disappears again."""
    import jax
    from jax import numpy as jnp

    array, traces = jnp.ones((4, 4)), []

    def product(array):
        traces.append(1)
        return (array @ array).sum()

    functions = {"": jax.jit(product), ", gradient": jax.jit(jax.grad(product))}
    found = {}
    for label, run in functions.items():
        run(array)
        with switched("jax_default_matmul_precision", "highest"):
            count = len(traces)
            run(array)
            found["jax_default_matmul_precision%s, compiled again" % label] = (True, len(traces) > count)
            found["jax_default_matmul_precision%s" % label] = ("HIGHEST", _precision(run, array))
        found["jax_default_matmul_precision%s off again" % label] = ("DEFAULT", _precision(run, array))
    return found


def _precision(run, array):
    """The precisions of all matrix products in the lowered program."""
    return " ".join(sorted(set(re.findall(r"DEFAULT|HIGHEST|HIGH\b", run.lower(array).as_text()))))


def matmul_algorithm():
    """A matmul with promised bfloat16 products computes them or refuses: (1 + 2^-10) rounds to 1 in bfloat16."""
    import jax
    from jax import numpy as jnp

    array = jnp.full((4, 4), 1 + 2.0**-10, "float32")
    with switched("jax_default_matmul_precision", "BF16_BF16_F32"):
        try:
            result = float(jax.jit(lambda a: a @ a)(array)[0, 0])
        except ValueError:
            observed = "followed or refused"
        else:
            observed = "followed or refused" if result == 4.0 else "accepted, and computed as 4 * %.6f" % (result / 4)
    return {"jax_default_matmul_precision BF16_BF16_F32": ("followed or refused", observed)}


def threefry():
    """Both counting modes give their known draws, eagerly and in a function compiled before."""
    import jax

    def draw():
        return jax.random.bits(jax.random.key(7, impl="threefry2x32"), (8,))[:3]

    compiled, found = jax.jit(draw), {}
    compiled()
    for value, bits in DRAWS.items():
        with switched("jax_threefry_partitionable", value):
            found["jax_threefry_partitionable %s" % value] = (bits, draw().tolist())
            found["jax_threefry_partitionable %s, compiled before" % value] = (bits, compiled().tolist())
    return found


def generator():
    """The default generator and the seed offset take effect in a function compiled before."""
    import jax

    def key():
        return jax.random.key(3)

    compiled, found = jax.jit(key), {}
    compiled()
    with switched("jax_default_prng_impl", "rbg"):
        found["jax_default_prng_impl"] = ("key<rbg>", str(key().dtype))
        found["jax_default_prng_impl, compiled before"] = ("key<rbg>", str(compiled().dtype))
    moved = jax.random.key_data(jax.random.key(8)).tolist()
    with switched("jax_random_seed_offset", 5):
        found["jax_random_seed_offset"] = (moved, jax.random.key_data(key()).tolist())
        found["jax_random_seed_offset, compiled before"] = (moved, jax.random.key_data(compiled()).tolist())
    return found


def gumbel():
    """The Gumbel switch takes effect in a function compiled before, which must agree with a new function."""
    import jax

    def draw():
        return jax.random.gumbel(jax.random.key(3), (2,))

    compiled = jax.jit(draw)
    compiled()
    with switched("jax_high_dynamic_range_gumbel", not setting("jax_high_dynamic_range_gumbel")):
        fresh, observed = jax.jit(lambda: 1 * draw())().tolist(), compiled().tolist()
    return {"jax_high_dynamic_range_gumbel, compiled before": (fresh, observed)}


def errors():
    """Switches that promise an error raise it, eagerly and in a function compiled before."""
    return _in_new_thread(_errors)


def errors_after_a_derivative():
    """
    Switches that promise an error raise it in a function compiled before, where a derivative of `relu` was taken.

    Such a derivative over an array turns `jax_debug_nans` off for its thread for a moment (seen with another
    `jax.custom_jvp` and with `jax.checkpoint` too; not with `gelu`, `silu`, `jax.custom_vjp`, nor for a scalar).
    jax 0.10.2 then leaves an empty hook in that thread (`_update_debug_special_thread_local` sets None instead of
    nothing), which hides the one that `jax.config.update` sets.
    """
    return _in_new_thread(_errors_after_a_derivative)


def _in_new_thread(probe):
    """What the probe returns in a thread where nothing was traced: what others did in this process is no matter."""
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        return pool.submit(probe).result()


def _errors_after_a_derivative():
    import jax
    from jax import numpy as jnp

    jax.grad(lambda x: jax.nn.relu(x).sum())(jnp.ones(3))
    found = {}
    for switch, value in (("jax_debug_nans", -1), ("jax_debug_infs", 0)):
        compiled, inputs = jax.jit(jnp.log), (jnp.float32(value),)
        _outcome(compiled, inputs)
        with switched(switch, True):
            found["%s, compiled before, after a derivative of relu" % switch] = ("error", _outcome(compiled, inputs))
    return found


def _errors():
    import jax
    from jax import numpy as jnp

    def reuse():
        key = jax.random.key(0)
        return jax.random.uniform(key) + jax.random.uniform(key)

    def mixed(whole, real):
        return whole + real

    def over_itself(value):
        return (value - value) / (value - value)

    def squared(value):
        return value * value

    large = {"complex64": 1e38, "bfloat16": 1e38, "float16": 6e4}
    cases = (
        ("jax_debug_nans", True, jnp.log, (jnp.float32(-1),)),
        ("jax_debug_infs", True, jnp.log, (jnp.float32(0),)),
        *(("jax_debug_nans", True, over_itself, (jnp.ones(3, kind),)) for kind in large),
        *(("jax_debug_infs", True, squared, (jnp.full(3, value, kind),)) for kind, value in large.items()),
        ("jax_debug_key_reuse", True, reuse, ()),
        ("jax_numpy_dtype_promotion", "strict", mixed, (jnp.arange(3), jnp.ones(3))),
        ("jax_numpy_rank_promotion", "raise", mixed, (jnp.ones(3), jnp.ones((3, 3)))),
    )
    found = {}
    for switch, value, run, inputs in cases:
        compiled, dtype = jax.jit(run), inputs[0].dtype.name if inputs else ""
        name = "%s %s" % (switch, dtype) if run in (over_itself, squared) else switch
        found["%s off" % name] = ("no error", _outcome(compiled, inputs))
        with switched(switch, value):
            found[name] = ("error", _outcome(run, inputs))
            found["%s, compiled before" % name] = ("error", _outcome(compiled, inputs))
        found["%s off again" % name] = ("no error", _outcome(compiled, inputs))
    return found


def _outcome(run, inputs):
    """`error` if the call raises anything: the exception differs from switch to switch."""
    try:
        run(*inputs)
    except Exception:
        return "error"
    return "no error"


def disable_jit():
    """A function compiled before runs as plain Python on concrete values."""
    import jax
    from jax import numpy as jnp

    seen = []

    def note(value):
        seen.append(isinstance(value, jax.core.Tracer))
        return value + 1

    compiled = jax.jit(note)
    compiled(jnp.float32(1))
    with switched("jax_disable_jit", True):
        compiled(jnp.float32(1))
    compiled(jnp.float32(1))
    return {"jax_disable_jit, compiled before": ([True, False], seen)}


def scatter():
    """Updates of distinct elements all arrive; of several to one element, one does; sums are complete (jax#27796)."""
    import jax
    from jax import numpy as jnp

    zeros, places = jnp.zeros(4, "int32"), jnp.asarray([0, 0, 2, 2, 3])
    updates = jnp.asarray([1, 2, 3, 4, 5])
    chosen = jax.jit(lambda p, u: zeros.at[p].set(u))(places, updates).tolist()
    allowed = (chosen[0] in (1, 2), chosen[1] == 0, chosen[2] in (3, 4), chosen[3] == 5)
    return {
        ".at[].set of distinct places": ([1, 2, 0, 0], zeros.at[jnp.arange(4)].set(jnp.asarray([1, 2, 0, 0])).tolist()),
        ".at[].set of repeated places": ("one of the updates", "one of the updates" if all(allowed) else str(chosen)),
        ".at[].add of repeated places": ([3, 0, 7, 5], zeros.at[places].add(updates).tolist()),
    }


PROBES = (
    x64,
    matmul_precision,
    matmul_algorithm,
    threefry,
    generator,
    gumbel,
    errors,
    errors_after_a_derivative,
    disable_jit,
    scatter,
)
