"""A reproducer of one call of JAX, from what the recorder keeps of it; and why there is none, where there is none."""

import json

import pytest
from support import AUDITED

from auditor.replay.evidence import reproducer
from auditor.replay.evidence.distances import described, dump_of
from auditor.replay.provenance.origin_model import Origin
from auditor.replay.runs.run import Setup, run
from auditor.replay.trace.archive import TaskKey, open_trace
from auditor.replay.trace.format import OP, REGION, SourceLine

KEY = TaskKey("main", 0)
CALLS = """
import jax, jax.numpy as jnp, numpy as np
table = np.arange(8, dtype=np.float32)

def step(carry, key):
    def body(sum_, row):
        jax.debug.print("so far {}", sum_)
        return sum_ + jnp.asarray(table)[:3] * row, sum_
    sums, _ = jax.lax.scan(body, carry, jnp.ones(4))
    return {"left": sums + jax.random.normal(key, (3,)), "square": jnp.linalg.qr(jnp.outer(sums, sums))[0]}

def noise(values):
    return np.asarray(values) * 2

@jax.jit
def uniform(low):
    return jax.lax.rng_uniform(low, 2.0, (4,))

@jax.jit
def calls_back(values):
    return jax.pure_callback(noise, jax.ShapeDtypeStruct((3,), jnp.float32), values) + 1

@jax.jit
def two(values):
    return values * 2

first = jax.jit(step, donate_argnums=0)(jnp.ones(3), jax.random.key(0))
ahead = jax.jit(lambda values, by: values * by).lower(first["left"], 2.0).compile()
print(ahead(first["left"], 2.0), uniform(1.0), calls_back(first["left"]))
mesh = jax.sharding.Mesh(np.array(jax.devices()), ("rows",))
rows = jax.sharding.NamedSharding(mesh, jax.sharding.PartitionSpec("rows"))
print(two(jax.device_put(np.ones(4, np.float32), rows)))
"""
NAMES = ("jit:step", "jit:<lambda>", "jit:uniform", "jit:calls_back", "callback:noise", "jit:two")

pytestmark = pytest.mark.frameworks


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    """(its command, the places of its calls by their names)."""
    folder = tmp_path_factory.mktemp("program")
    (folder / "calls.py").write_text(CALLS)
    command = [AUDITED, str(folder / "calls.py")]
    environment = pytest.MonkeyPatch()
    environment.setenv("XLA_FLAGS", "--xla_force_host_platform_device_count=2")
    made = run(command, Setup(folder / "run", tier="detail", show=False))
    with open_trace(made.folder) as trace:
        stream = trace.streams[KEY]
        names = {record.at: stream.name_of(record) for record in stream.records() if record.kind in {OP, REGION}}
    yield command, {name: at for at, name in names.items() if name in NAMES}
    environment.undo()


def kept(program, scratch, name):
    """The dump of one of its calls."""
    command, places = program
    made = run(command, Setup(scratch, tier="detail", show=False, dump={**KEY._asdict(), "at": places[name]}))
    return dump_of(made.folder)


def place_of(folder, name):
    """The index of the first record of that name."""
    with open_trace(folder) as trace:
        stream = trace.streams[KEY]
        return next(record.at for record in stream.records() if record.kind == OP and stream.name_of(record) == name)


def made_of(dump, program, target, name):
    """The reproducer that comes of it."""
    origin = Origin(KEY, program[1][name], "same-inputs-other-outputs", name, SourceLine("calls.py", 1))
    return reproducer.make(target, origin, dump, program[0])


@pytest.mark.exhaustive
def test_a_clean_call_gives_the_same_bits_alone(tmp_path, program):
    """With a loop that prints, a key, donated inputs, a constant from outside; no path of the program is told."""
    made = made_of(kept(program, tmp_path / "run", "jit:step"), program, tmp_path / "out", "jit:step")

    assert (0, 55, reproducer.NOT_ALONE) == (made.diverged, made.calls, made.note)
    assert not [path for path in (tmp_path / "out").iterdir() if str(tmp_path.parent).encode() in path.read_bytes()]


@pytest.mark.slow
def test_a_call_that_was_compiled_ahead_of_time_is_kept(tmp_path, program):
    """Its equations are those that it was lowered from; a number of Python's is an input of the dtype that they say."""
    told = described(kept(program, tmp_path / "run", "jit:<lambda>"))

    assert ("call.bin", False) == (told["call"], "cannot" in told)
    assert [("float32", [3]), ("float32", [])] == [(one["dtype"], one["shape"]) for one in told["inputs"]]


@pytest.mark.slow
def test_the_zoom_prints_nothing_a_second_time(tmp_path, program):
    """The call itself prints; and an equation inside it is kept for a script as a whole call is."""
    command, _ = program
    place = {**KEY._asdict(), "name": "jit:step", "count": 0}
    made = run(command, Setup(tmp_path / "run", tier="detail", show=False, zoom=place))

    assert 4 == made.stdout.path.read_bytes().count(b"so far")
    at = place_of(made.folder, "zoom:random_bits")
    made = run(
        command, Setup(tmp_path / "again", tier="detail", show=False, zoom=place, dump={**KEY._asdict(), "at": at})
    )
    assert ("random_bits", "call.bin") == tuple(described(dump_of(made.folder))[one] for one in ("operator", "call"))


@pytest.mark.slow
def test_a_call_that_gives_other_bits_is_shown_alone(tmp_path, program, monkeypatch):
    """XLA's own generator, whose state goes on from call to call; only the first calls of processes agree."""
    plain, ended = reproducer._ended, []
    monkeypatch.setattr(reproducer, "_ended", lambda *given: ended.append(plain(*given)) or ended[-1])
    made = made_of(kept(program, tmp_path / "run", "jit:uniform"), program, tmp_path / "out", "jit:uniform")

    assert (50, 55, "") == (made.diverged, made.calls, made.note)
    assert [(1, b"jit:uniform: 50 of 55 calls differed from the first\n")] == [one[:2] for one in ended]
    assert b"auditor" not in (tmp_path / "out" / "reproduce.py").read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("jit:calls_back", "it calls back a Python function of the program, noise"),
        ("callback:noise", "it is a Python function of the program"),
        ("jit:two", "it runs on 2 devices at once"),
    ],
)
def test_why_a_call_cannot_leave_the_program_is_said(tmp_path, program, name, why):
    """Its outputs are kept all the same, so that it can be told by how much runs differ."""
    dump = kept(program, tmp_path / "run", name)
    made = made_of(dump, program, tmp_path / "out", name)

    assert (0, 0) == (made.diverged, made.calls)
    assert why in made.note
    assert [["float32"]] == [[one["dtype"] for one in described(dump)["outputs"]]]
    assert not (tmp_path / "out" / "reproduce.py").exists()


def test_a_call_that_is_no_file_of_the_dumps_is_not_copied(tmp_path):
    """A dump comes from the experiment's process, and is hostile data: the script then says that it failed."""
    dump = tmp_path / "dump"
    dump.mkdir()
    (tmp_path / "secret").write_bytes(b"secret")
    (dump / "call.bin").symlink_to(tmp_path / "secret")
    told = {"framework": "jax", "operator": "jit:step", "inputs": [], "outputs": [], "call": "call.bin", "x64": False}
    (dump / "dump.json").write_text(json.dumps({**told, "platform": "cpu", "flags": [], "python": AUDITED}))
    origin = Origin(KEY, 3, "same-inputs-other-outputs", "jit:step", SourceLine("a.py", 1))
    made = reproducer.make(tmp_path / "out", origin, dump, [AUDITED])

    assert (0, True) == (made.calls, made.note.startswith("it failed: "))
    assert ["operation.json", "reproduce.py"] == sorted(path.name for path in (tmp_path / "out").iterdir())
