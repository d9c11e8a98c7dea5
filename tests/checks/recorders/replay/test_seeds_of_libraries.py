"""Seeds that programs give through libraries: each is seen at the program's line, and so is a generator without one."""

from pathlib import Path

import pytest
from support import LAYERS, PROGRAMS

from auditor.replay.runs.run import Setup, run
from auditor.replay.trace.archive import open_folder
from auditor.replay.trace.format import DRAW, OUTSIDE, SEED

pytestmark = [pytest.mark.frameworks, pytest.mark.slow]


def records(folder, text, python, *kinds):
    """(line, name, what its meta or text says, count) of each record of these kinds, without clocks."""
    folder.joinpath("script.py").write_text(text)
    seen = run([python, str(folder / "script.py")], Setup(folder / "run", show=False))
    assert (0, ()) == (seen.exit_code, seen.problems), seen.stderr.path.read_text()
    with open_folder(seen.folder) as trace:
        stream = trace.of_process("main")[0]
        assert [] == stream.problems
        return [
            (stream.source(one).line, stream.name_of(one), stream.meta_of(one), one.number)
            for one in stream.records()
            if one.kind in kinds and not stream.name_of(one).startswith("time.")
        ]


GLOBAL = ("random.seed", "numpy.random.seed", "torch.manual_seed")
WRAPPERS = """import random, transformers, accelerate.utils, lightning, stable_baselines3.common.utils
import numpy as np, torch; random.random()
transformers.set_seed(1)
accelerate.utils.set_seed(2)
lightning.seed_everything(3, verbose=False)
stable_baselines3.common.utils.set_random_seed(4)
np.random.rand(), random.random(), torch.rand(1)
"""


@pytest.mark.skipif(not Path(PROGRAMS).exists(), reason="the environment of `make programs` is not made")
def test_a_seed_through_a_library_is_a_seed_of_each_generator_at_the_programs_line(tmp_path):
    """And what is drawn before the first of them is not seeded."""
    found = records(tmp_path, WRAPPERS, PROGRAMS, SEED, DRAW)
    seeds = [(line, name, text) for line, name, text, _ in found if name in GLOBAL]

    assert [(line, name, str(line - 2)) for line in (3, 4, 5, 6) for name in GLOBAL] == seeds
    assert [(2, "random.random", 0), (7, "numpy.random.rand", 1), (7, "random.random", 1)] == [
        (line, name, number) for line, name, _, number in found if name not in GLOBAL
    ]


GYMNASIUM = """import gymnasium
seeded = gymnasium.make("CartPole-v1")
seeded.reset(seed=3)
seeded.action_space.seed(3)
seeded.reset(), seeded.action_space.sample()
other = gymnasium.make("CartPole-v1")
other.reset()
other.action_space.sample()
"""


@pytest.mark.skipif(not Path(PROGRAMS).exists(), reason="the environment of `make programs` is not made")
def test_an_environment_without_a_seed_takes_entropy_at_the_programs_line(tmp_path):
    """And one that is seeded takes none."""
    found = records(tmp_path, GYMNASIUM, PROGRAMS, SEED, DRAW, OUTSIDE)
    inside = "gymnasium.utils.seeding.np_random"

    assert [(line, "numpy.random.SeedSequence", inside, 0) for line in (7, 8)] == found


KEYS = """import os, time
import haiku as hk
import jax
from flax import nnx
def of_haiku(seed):
    return hk.PRNGSequence(seed)
def of_flax(seed):
    return nnx.Rngs(seed, dropout=seed + 1)
jax.random.key(1)
next(of_haiku(2))
of_flax(3)
nnx.Rngs(params=5)
jax.random.key(int.from_bytes(os.urandom(1), "little") * 0)
of_haiku(int(time.time()) * 0)
"""


def test_keys_of_jax_flax_and_haiku_are_seeds_at_the_programs_line(tmp_path):
    """With the entropy and the clock that a seed is made of, at their lines."""
    found = [one for one in records(tmp_path, KEYS, LAYERS, SEED, OUTSIDE) if one[0]]
    seeds = [(line, text) for line, name, text, _ in found if name.startswith("jax.random.")]

    assert [(6, "0"), (6, "2"), (8, "3"), (8, "4"), (9, "1"), (12, "5"), (13, "0")] == sorted(seeds)
    assert [(13, "os.urandom")] == [(line, name) for line, name, _, _ in found if not name.startswith("jax.random.")]
