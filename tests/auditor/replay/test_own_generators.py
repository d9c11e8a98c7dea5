"""Own generators of NumPy's and Python's, with the real libraries: where each was made, and where its values enter."""

import pytest
from support import AUDITED

from auditor.replay.cause.run_pair import compare_runs
from auditor.replay.runs.run import Setup, run

pytestmark = [pytest.mark.frameworks, pytest.mark.slow]


def pair(folder, text, tier):
    """Two runs of a program, compared."""
    (folder / "script.py").write_text(text)
    command = [AUDITED, str(folder / "script.py")]
    first, second = (run(command, Setup(folder / f"run-{one}", tier=tier, show=False)) for one in "ab")
    assert (0, (), 0, ()) == (first.exit_code, first.problems, second.exit_code, second.problems)
    return compare_runs(first, second, search=True)


SEEDED = """import random
import numpy as np
import torch
torch.manual_seed(0)
spawned = np.random.default_rng(7).spawn(1)[0]
built = np.random.Generator(np.random.PCG64(7))
reseeded = np.random.RandomState()
reseeded.seed(5)
own = random.Random()
own.seed(5)
unused = np.random.RandomState(), np.random.default_rng(), random.Random()
total = torch.as_tensor([spawned.normal(), built.normal(), reseeded.rand(), own.random()]) + torch.rand(4)
print(total.sum().item())
"""


def test_seeded_generators_differ_nowhere(tmp_path):
    """Though some took entropy before they were seeded, and others took it and are not used."""
    compared = pair(tmp_path, SEEDED, "base")

    assert (True, False) == (compared.usable, compared.differs)


TORCH = """import numpy as np
import torch
torch.manual_seed(0)
seeded = np.random.RandomState(3)
rng = np.random.default_rng()
kept = seeded.rand(2) + rng.spawn(1)[0].normal(size=2)
start = torch.zeros(2)
total = start + torch.from_numpy(kept)
print(total.sum().item())
"""


def test_an_unseeded_generator_is_told_with_the_line_at_which_its_values_enter_torch(tmp_path):
    """Also where a generator is drawn from that it spawned."""
    found = pair(tmp_path, TORCH, "detail").origin

    assert ("draw-unseeded", "numpy.random.default_rng", "numpy") == (found.evidence, found.name, found.generator)
    assert (5, 8) == (found.source.line, found.enters.line)


STATEMENTS = """import numpy as np
{}
{}
{}
x = rng.random(2) if hasattr(rng, "random") else rng.random_sample(2)
values = [float(one) for one in x]
print(sum(values))
"""
NOTHING = "pass"


@pytest.mark.parametrize(
    ("lines", "guilty"),
    [
        (["rng = np.random.RandomState()", NOTHING, NOTHING], 2),
        (["rng = np.random.RandomState(5)", "first = rng.rand()", "rng.seed()"], 4),
        (["rng = np.random.Generator(np.random.PCG64(5))", "other = np.random.PCG64()", "rng = Generator(other)"], 3),
        (["sequence = np.random.SeedSequence()", "child = sequence.spawn(1)[0]", "rng = np.random.PCG64(child)"], 2),
    ],
)
def test_what_took_the_entropy_is_found_statement_by_statement(tmp_path, lines, guilty):
    """Of classes in C, whose calls cannot be seen: made without a seed, seeded again without one, spawned."""
    text = STATEMENTS.format(*lines).replace("Generator(other)", "np.random.Generator(other)")
    text = text.replace("PCG64(child)", "default_rng(child)")
    found = pair(tmp_path, text, "lines").origin

    assert guilty == found.source.line
    assert "numpy" in [one.makes for one in found.before if one.source.line == guilty] + [found.generator]


OWN_SEEDED = """import torch
from torch.utils.data import DataLoader, TensorDataset


def order():
    generator = torch.Generator()
    generator.SEED
    return generator


data = TensorDataset(torch.arange(64.0))
total = torch.zeros(())
for number, (batch,) in enumerate(DataLoader(data, batch_size=4, shuffle=True, generator=order())):
    total += number * batch.sum()
print(total.item())
"""


@pytest.mark.parametrize(
    ("call", "differs"), [("seed()", True), ("manual_seed(time.time_ns())", True), ("manual_seed(5)", False)]
)
def test_a_generator_of_torch_is_told_with_the_line_that_seeded_it(tmp_path, call, differs):
    """Though it is a loader's sampler that draws from it, many lines later."""
    found = pair(tmp_path, "import time\n" + OWN_SEEDED.replace("SEED", call), "detail")

    assert differs == found.differs
    if differs:
        assert 8 == found.origin.source.line
