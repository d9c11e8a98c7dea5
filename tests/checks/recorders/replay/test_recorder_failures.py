"""A recorder that fails: the program runs as it does alone, and the trace says that something is missing."""

import sys

import pytest
from recorded_runs import alone, recorded
from support import AUDITED

from auditor.replay.session import ReplayOptions, Session

PLANT = """
import sys


def broken(*_arguments, **_named):
    raise RuntimeError("planted")


def plant(module, *path):
    ours = {name.partition(".recorders.replay.")[2]: one for name, one in sys.modules.items()}
    if module in ours:
        owner = ours[module]
        for name in path[:-1]:
            owner = getattr(owner, name)
        setattr(owner, path[-1], broken)


"""
PLAIN = """
import os, random, threading, time
from concurrent.futures import ThreadPoolExecutor

plant(%s)
random.seed(1)
random.Random()
values = [random.random(), random.choice([1, 2]), time.time() > 0, len(os.urandom(2)), sorted(os.listdir(%r))]
values.append(sorted(entry.name for entry in os.scandir(%r)))
thread = threading.Thread(target=lambda: values.append(random.random()))
thread.start()
thread.join()
with ThreadPoolExecutor(1) as pool:
    values += pool.map(lambda n: n + random.random(), range(3))
print(values)
"""
PLACES = [
    '"trace.writer", "Stream", "append"',
    '"trace.writer", "Stream", "define"',
    '"trace.sites", "Sites", "frame"',
    '"trace.sites", "Sites", "is_users"',
    '"trace.sites", "Sites", "text"',
    '"trace.values", "ValueDigester", "of"',
    '"trace.digests", "mixed"',
    '"trace.digests", "of_bytes"',
    '"python.tasks", "Process", "open"',
    '"python.tasks", "Process", "new_task"',
    '"python.tasks", "Process", "work_on"',
    '"python.tasks", "Process", "leave_task"',
    '"python.tasks", "Task", "finish"',
]


@pytest.mark.parametrize("place", PLACES)
def test_a_failure_in_a_hook_is_a_problem_and_never_the_programs(tmp_path, place):
    """Whatever of ours raises, the program prints the same, and the trace says that something is missing."""
    folder = tmp_path / "listed"
    folder.mkdir()
    script = tmp_path / "script.py"
    script.write_text(PLANT + PLAIN % (place, str(folder), str(folder)))
    seen, problems, _, _ = recorded([str(script)], tmp_path / "run")

    assert alone([str(script)]) == seen
    assert any("planted" in str(told) for told in problems)


def test_runs_whose_recorder_fails_are_inconclusive(tmp_path):
    """Though what they print is the same."""
    script = tmp_path / "script.py"
    script.write_text(PLANT + PLAIN % (PLACES[0], str(tmp_path), str(tmp_path)))
    result = Session(ReplayOptions([sys.executable, str(script)], tmp_path / "runs", runs=2, show=False), str).run()

    assert "inconclusive" == result.verdict
    assert "planted" in " ".join(result.problems)


NUMPY = """
import random
plant("python.randomness", "follow_numpy")
import numpy
numpy.random.seed(1)
print(numpy.random.rand(3))
"""
TORCH = """
import threading, torch
plant(%s)
torch.manual_seed(1)
layer = torch.nn.Linear(3, 3)
layer(torch.randn(2, 3)).sum().backward()
print(layer.weight.grad.numpy(), layer.weight.tolist(), torch.randn(2).sum().item())
thread = threading.Thread(target=lambda: print(torch.ones(2).sum()))
thread.start()
thread.join()
"""
JAX = """
import jax, numpy
plant(%s)
key = jax.random.key(1)
print(jax.random.normal(key, (3,)), float(jax.numpy.ones(2).sum()), numpy.asarray(jax.numpy.ones(2)))
shape = jax.ShapeDtypeStruct((2,), "float32")
print(jax.jit(lambda x: jax.pure_callback(lambda y: y * 2, shape, x))(jax.numpy.ones(2)))
"""
TENSORFLOW = """
import tensorflow as tf
plant(%s)
tf.random.set_seed(1)
weights = tf.Variable(tf.random.normal([3, 3]))


@tf.function
def f(x):
    for _ in tf.range(2):
        x = tf.tanh(tf.matmul(x, weights))
    return x


with tf.GradientTape() as tape:
    loss = tf.reduce_sum(f(tf.ones([2, 3])))
print(loss.numpy(), tape.gradient(loss, weights).numpy())
print([int(one) for one in tf.data.Dataset.range(3).shuffle(3)])
"""
IN_FRAMEWORKS = {
    "torch": (
        TORCH,
        [
            PLACES[0],
            '"torch.content", "Content", "digest"',
            '"torch.inputs", "Inputs", "taken"',
            '"torch.kinds", "Kind", "values"',
        ],
    ),
    "jax": (JAX, [PLACES[0], '"jax.arrays", "Arrays", "digest"', '"jax.callbacks", "Launches", "launch"']),
    "tensorflow": (
        TENSORFLOW,
        [PLACES[0], '"tensorflow.tensors", "Tensors", "meta"', '"tensorflow.graphs", "Graphs", "made"'],
    ),
}


@pytest.mark.frameworks
def test_a_hook_that_cannot_be_installed_does_not_end_an_import(tmp_path):
    """The program imports what it imports; the trace has the problem."""
    script = tmp_path / "script.py"
    script.write_text(PLANT + NUMPY)
    seen, problems, _, _ = recorded([str(script)], tmp_path / "run", python=AUDITED)

    assert alone([str(script)], AUDITED) == seen
    assert any("planted" in str(told) for told in problems)


@pytest.mark.frameworks
@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "place", "tier"),
    [
        *(
            pytest.param(name, at, "detail", marks=[pytest.mark.exhaustive] * (at not in places[:1]))
            for name, (_, places) in IN_FRAMEWORKS.items()
            for at in places
        ),
        *(pytest.param(name, PLACES[0], "base", marks=pytest.mark.exhaustive) for name in IN_FRAMEWORKS),
    ],
)
def test_a_failure_in_a_frameworks_hook_is_a_problem_too(tmp_path, name, place, tier):
    """In the detail tier every hook is at work; the base tier has short cuts of its own."""
    script = tmp_path / "script.py"
    script.write_text(PLANT + IN_FRAMEWORKS[name][0] % place)
    seen, problems, _, _ = recorded([str(script)], tmp_path / "run", tier, AUDITED)

    assert alone([str(script)], AUDITED) == seen
    assert any("planted" in str(told) for told in problems)
