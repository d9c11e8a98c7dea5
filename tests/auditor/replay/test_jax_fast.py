"""JAX's fast path, recorded: the base tier uses it, and has every record of the detail tier, which does not."""

import subprocess

import pytest
from support import AUDITED

from auditor.replay.runs.run import Setup, run
from auditor.replay.trace.archive import open_trace
from auditor.replay.trace.format import DRAW, OP, READ, REGION, SEED

pytestmark = [pytest.mark.frameworks, pytest.mark.slow]
COMPARED = {DRAW, OP, READ, REGION, SEED}
PROGRAM = """
import functools, threading
import numpy, jax, jax.numpy as jnp

x, y, whole = jnp.arange(4.0) + 1, jnp.ones(4), jnp.arange(4)
loss = lambda values: jnp.sum(jnp.sin(values) * values)
slope, mapped = jax.grad(loss), jax.vmap(lambda row: row * 2 + 1)
compiled = jax.jit(lambda values: values * 2).lower(x).compile()
again = jax.jit(lambda values: values * 3, out_shardings=(x + y).sharding).lower(x).compile()

@functools.partial(jax.jit, donate_argnums=0)
def step(state):
    return state * 2, {"sum": state.sum()}

@jax.jit
def noisy(values):
    shape = jax.ShapeDtypeStruct((4,), jnp.float32)
    return values + jax.pure_callback(lambda given: numpy.asarray(jnp.cos(jnp.asarray(given))), shape, values)

@jax.jit
def told(values):
    jax.debug.print("told {}", values.sum())
    return values * 1

@functools.partial(jax.jit, static_argnums=1)
def power(values, by):
    return values ** by

@jax.jit
def nothing(values):
    return None

def work():
    for number in range(3):
        x + y, x + 1, x + whole, x[1], x @ y, x.astype(jnp.bfloat16) * 2, jnp.divmod(whole, 3), jnp.zeros((0,)) + 1
        jax.random.normal(jax.random.key(number), (3,))
        slope(x), mapped(jnp.outer(x, y)), compiled(x), again(x), noisy(x), told(x), power(x, 2), power(x, 3)
        nothing(x)
        jax.lax.cond(True, lambda: x, lambda: y), jnp.outer(jnp.arange(64.0), jnp.arange(64.0)), jax.jit(lambda v: v)(x)

work()
state = x + 0
for _ in range(3):
    state, _told = step(state)
threads = [threading.Thread(target=lambda: [x + y, slope(x)]) for _ in range(2)]
for thread in threads:
    thread.start()
    thread.join()
logarithm = jax.jit(jnp.log)
with jax.debug_nans(True):
    logarithm(x), logarithm(x)
    for _ in range(2):
        try:
            logarithm(x - 4)
        except FloatingPointError:
            print("refused")
    x + y
x + y
with jax.debug_nans(False):
    x + y
jax.clear_caches()
for _ in range(2):
    print(float((x + y).sum()), numpy.asarray(state).tolist())
"""
COUNTED = """
import jax.numpy as jnp
from jax._src import pjit

x, plain, calls = jnp.ones(3), pjit._pjit_call_impl_python, []

def counting(*args, **parameters):
    calls.append(parameters["name"])
    return plain(*args, **parameters)

pjit._pjit_call_impl_python = counting
for _ in range(3):
    x + x
print(len(calls))
"""
UNKNOWN = """
import sys
import jax.numpy as jnp

(fast,) = [one for name, one in sys.modules.items() if name.endswith(".recorders.replay.jax.fast")]
x = jnp.ones(3)
plain = fast.Programs._marked
fast.Programs._marked = lambda self, found, executable: found
for _ in range(3):
    x + x
print("done")
"""


def recorded(folder, program, **how):
    """(the compared records of every stream, stdout, problems) of a program under the recorder."""
    (folder / "program.py").write_text(program)
    made = run([AUDITED, str(folder / "program.py")], Setup(folder / "run", show=False, **how))
    with open_trace(made.folder) as trace:
        records = {
            key.file: [
                (one.kind, one.flags, stream.name_of(one), stream.source(one).line, one.digest)
                for one in stream.records()
                if one.kind in COMPARED
            ]
            for key, stream in trace.streams.items()
        }
        return records, made.stdout.path.read_bytes(), [*made.problems, *trace.problems]


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """The program in the base tier and in the detail tier."""
    return [recorded(tmp_path_factory.mktemp(tier), PROGRAM, tier=tier) for tier in ("base", "detail")]


def test_no_record_is_lost_or_doubled_and_none_differs(both):
    """Primitives, jit, grad, vmap, donation, threads, compiled calls, callbacks, `debug_nans`: names, lines, bits."""
    (base, _, problems), (detail, _, others) = both

    assert ([], []) == (problems, others)
    assert sorted(detail) == sorted(base)
    for stream, records in detail.items():
        assert records == base[stream]
    assert 150 < sum(map(len, base.values()))


def test_the_program_prints_what_it_prints_alone(both, tmp_path):
    """Its own check of NaNs too."""
    (tmp_path / "program.py").write_text(PROGRAM)
    alone = subprocess.run([AUDITED, str(tmp_path / "program.py")], capture_output=True, check=True)

    assert alone.stdout == both[0][1]
    assert 2 == alone.stdout.count(b"refused")


def test_the_base_tier_uses_the_fast_path_and_the_detail_tier_does_not(tmp_path):
    """The negative control: the comparison above would hold with two slow paths."""
    answers = []
    for tier in ("base", "detail"):
        (tmp_path / tier).mkdir()
        answers.append(recorded(tmp_path / tier, COUNTED, tier=tier)[1])

    assert [b"1\n", b"3\n"] == answers


def test_a_call_of_an_unknown_program_makes_the_trace_incomplete(tmp_path):
    """The program goes on; the trace says once that something is missing."""
    _, printed, problems = recorded(tmp_path, UNKNOWN)

    assert (b"done\n", 1) == (printed, len(problems))
    assert "not known to the recorder" in str(problems[0])
