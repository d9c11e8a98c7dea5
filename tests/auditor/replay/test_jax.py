"""JAX under the recorder: what is recorded, with the user's lines, and what experiments with planted faults come to."""

import subprocess

import pytest
from support import AUDITED
from test_session import EXPERIMENTS, guilty_line, replayed

from auditor.replay.runs.run import Setup, run
from auditor.replay.trace.archive import open_trace
from auditor.replay.trace.format import IN, OP, PROCESS, READ, REGION, SEED

pytestmark = pytest.mark.frameworks


def recorded(scratch, name, **setup):
    """The (kind, name, line) of every record of one recorded run, its IN records' writers, and what it printed."""
    made = run([AUDITED, str(EXPERIMENTS / f"{name}.py")], Setup(scratch, show=False, **setup))
    with open_trace(made.folder) as trace:
        assert [] == trace.problems
        (stream,) = trace.streams.values()
        told = []
        for record in stream.records():
            if record.kind == IN:
                told[-1][3].append(record.writer)
            elif record.kind in {OP, REGION, SEED, READ}:
                told.append((record.kind, stream.name_of(record), stream.source(record).line, []))
            elif record.kind != PROCESS:
                told.append((record.kind, "", 0, []))
    return told, made.stdout.path.read_bytes()


def line_of(name, text):
    """The number of the first line of an experiment that holds a text."""
    lines = (EXPERIMENTS / f"{name}.py").read_text().splitlines()
    return next(number for number, line in enumerate(lines, start=1) if text in line)


@pytest.fixture(scope="module")
def clean(tmp_path_factory):
    """A clean training, recorded once with details."""
    return recorded(tmp_path_factory.mktemp("clean") / "run", "jax_clean", tier="detail")


@pytest.mark.parametrize(
    ("kind", "name", "text"),
    [
        (SEED, "jax.random.key", "jax.random.key(0)"),
        (REGION, "jit:epoch", "= epoch("),
        (OP, "mul", "jax.grad("),
        (REGION, "jit:dot", "jax.vmap("),
        (OP, "device_put", "jax.device_put("),
        (REGION, "jit:<lambda>", "float(compiled"),
        (READ, "jax.float", "float(losses"),
        (READ, "numpy.asarray", "float(losses"),
        (READ, "jax.tolist", "float(losses"),
        (READ, "jax.item", "float(losses"),
        (READ, "jax.bool", "float(compiled"),
        (READ, "jax.int", "float(compiled"),
    ],
)
@pytest.mark.slow
def test_what_jax_does_is_recorded_under_the_users_line(clean, kind, name, text):
    """Keys, jitted calls, gradients, maps, transfers, calls compiled ahead of time, and reads."""
    line = line_of("jax_clean", text)

    assert (kind, name, line) in [one[:3] for one in clean[0]]


def test_what_is_read_names_the_call_that_made_it(clean):
    """The way back from a read to its call needs it."""
    reads = [writers for kind, _, _, writers in clean[0] if kind == READ]

    assert len(reads) >= 6
    assert all(len(writers) == 1 and writers[0] is not None for writers in reads)


@pytest.mark.exhaustive  # CI sees it in test_jax_fast.py
@pytest.mark.parametrize("name", ["jax_clean", "jax_hash_order"])
def test_a_recorded_program_prints_what_it_prints_alone(tmp_path, monkeypatch, name):
    """With hooks in place of JAX's fast path, every bit is the same."""
    monkeypatch.setenv("PYTHONHASHSEED", "0")
    alone = subprocess.run([AUDITED, str(EXPERIMENTS / f"{name}.py")], capture_output=True, check=False)

    assert alone.stdout == recorded(tmp_path / "run", name)[1]
    assert alone.stdout


def test_a_call_back_is_recorded_before_its_call_and_counts_among_its_inputs(tmp_path):
    """XLA's thread runs it; its record stands in the program's own task."""
    told, _ = recorded(tmp_path / "run", "jax_callback", tier="detail")
    names = [name for _, name, _, _ in told]
    place = names.index("callback:noise")

    assert ("callback:noise", "jit:step") == tuple(names[place : place + 2])
    assert line_of("jax_callback", "def noise") == told[place][2]
    assert 2 == sum(writer is not None for writer in told[place + 1][3])


CLOSED_OVER = """
import sys
import jax, jax.numpy as jnp

scale, table = float(sys.argv[1]), jnp.ones(3) * float(sys.argv[1])

@jax.jit
def scaled(values):
    return jnp.tanh(values * scale)

@jax.jit
def looked_up(values):
    return values + table

@jax.jit
def written(kept, place):
    kept[place] = scale

kept = jax.new_ref(jnp.zeros(3))
written(kept, 1)
print(scaled(jnp.ones(3)), looked_up(jnp.ones(3)), kept[...])
"""


def test_what_a_function_closes_over_is_an_input_and_a_reference_an_output(tmp_path):
    """A number, an array; what a call writes into a reference. Reading one's digest must not run it for ever."""
    (tmp_path / "program.py").write_text(CLOSED_OVER)
    told = []
    for number in ("2", "3"):
        setup = Setup(tmp_path / number, tier="detail", show=False, timeout_seconds=120)
        made = run([AUDITED, str(tmp_path / "program.py"), number], setup)
        with open_trace(made.folder) as trace:
            assert (0, []) == (made.exit_code, trace.problems)
            told.append(calls_of(next(iter(trace.streams.values()))))

    for name in ("jit:scaled", "jit:looked_up", "jit:written"):
        (gave, *taken), (other, *other_taken) = (one[name] for one in told)
        assert (True, True) == (gave != other, taken != other_taken), name


def calls_of(stream):
    """The digests of each call: of what it gave, then of what it took."""
    found, name = {}, ""
    for record in stream.records():
        if record.kind == IN:
            found[name].append(record.digest)
        elif record.kind in {OP, REGION, READ}:
            name = stream.name_of(record)
            found[name] = [record.digest]
    return found


@pytest.mark.exhaustive
def test_the_zoom_evaluates_each_equation_of_the_call_that_was_asked_for(tmp_path):
    """Inside the loop of a jitted call, under the line of each; three times over; and the call after it as ever."""
    place = {"lineage": "main", "ordinal": 0, "name": "jit:epoch", "count": 0}
    told, printed = recorded(tmp_path / "run", "jax_clean", tier="detail", zoom=place)
    tanh = [(name, line) for _, name, line, _ in told if name == "zoom:tanh"]

    assert [("zoom:tanh", line_of("jax_clean", "jnp.tanh"))] * 15 == tanh
    assert recorded(tmp_path / "other", "jax_clean")[1] == printed


@pytest.mark.slow
def test_the_zoom_goes_into_a_call_that_was_compiled_ahead_of_time(tmp_path):
    """JAX keeps no equations with it: those are noted where it is lowered."""
    place = {"lineage": "main", "ordinal": 0, "name": "jit:<lambda>", "count": 0}
    told, _ = recorded(tmp_path / "run", "jax_clean", tier="detail", zoom=place)

    assert [line_of("jax_clean", "values * 2")] * 3 == [line for _, name, line, _ in told if name == "zoom:mul"]


@pytest.mark.slow
def test_a_call_that_writes_into_a_reference_is_not_run_again(tmp_path):
    """The zoom leaves it alone: a second time would add a second time."""
    (tmp_path / "program.py").write_text(CLOSED_OVER.replace("= scale\n", "+= scale\n"))
    place = {"lineage": "main", "ordinal": 0, "name": "jit:written", "count": 0}
    command = [AUDITED, str(tmp_path / "program.py"), "2"]
    made = run(command, Setup(tmp_path / "run", tier="detail", show=False, zoom=place))

    assert b"[0. 2. 0.]" in made.stdout.path.read_bytes()


@pytest.mark.slow
def test_a_clean_training_is_identical(tmp_path):
    """Keys, jit, grad, scan, vmap: not one record differs."""
    result = replayed("jax_clean", tmp_path, python=AUDITED, runs=2)

    assert ("identical", []) == (result.verdict, result.problems)
    assert result.ops > 20


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "operation", "cause"),
    [
        pytest.param("jax_time_key", "jax.random.PRNGKey", "clock", marks=pytest.mark.exhaustive),
        pytest.param("jax_numpy_draw", "numpy.random.rand", "unseeded-random", marks=pytest.mark.exhaustive),
        ("jax_callback", "numpy.random.rand", "unseeded-random"),
        pytest.param("jax_hash_order", "jit:multiply", "hash-order", marks=pytest.mark.exhaustive),
    ],
)
def test_the_guilty_line_is_named_and_its_cure_proven(tmp_path, name, operation, cause):
    """A key from the clock, NumPy's generator outside and inside of compiled code, the order of a set."""
    result = replayed(name, tmp_path, python=AUDITED, runs=2)

    assert ("diverged", cause) == (result.verdict, result.divergence.cause)
    assert (operation, guilty_line(name)) == (result.divergence.op, result.divergence.source.line)
    assert result.remedy.proven


@pytest.mark.slow
def test_the_zoom_names_the_guilty_equation_inside_a_jitted_call(tmp_path):
    """A foreign kernel that writes junk: the call is the origin, its equation is named; no factor cures it."""
    result = replayed("jax_foreign", tmp_path, python=AUDITED, runs=2)

    assert ("diverged", "unknown") == (result.verdict, result.divergence.cause)
    assert ("ffi_call", guilty_line("jax_foreign")) == (result.divergence.op, result.divergence.source.line)
    assert "inside jit:step" in result.divergence.zoom
