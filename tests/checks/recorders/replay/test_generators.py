"""Seeds are seen in the generators themselves, whoever gave them; what libraries draw is known and does not count."""

import sys

import pytest
from support import AUDITED

from auditor.replay.runs.run import Setup, run
from auditor.replay.trace.archive import open_folder
from auditor.replay.trace.format import DRAW, OP, OUTSIDE, SEED

LIBRARY = "site-packages/made_library.py"
MADE_LIBRARY = """
import random
import uuid
class Compose:
    def __init__(self):
        self.random = random.Random()
def name():
    return uuid.uuid4().hex
"""


def records(folder, text, *kinds, tier="base", python=sys.executable, lineage="main", libraries=()):
    """(name, text of its meta, line, count) of each record of these kinds that a script's task wrote."""
    folder.joinpath("script.py").write_text(text)
    for name, source in libraries:
        folder.joinpath(name).parent.mkdir(exist_ok=True)
        folder.joinpath(name).write_text(source)
    seen = run([python, str(folder / "script.py")], Setup(folder / "run", tier=tier, show=False))
    assert (0, ()) == (seen.exit_code, seen.problems)
    with open_folder(seen.folder) as trace:
        stream = trace.of_process(lineage)[0]
        assert [] == stream.problems
        return [
            (stream.name_of(one), stream.meta_of(one), stream.source(one).line, one.number)
            for one in stream.records()
            if one.kind in kinds
        ]


# ------------------------------------------------------------------------------------------------- Python and NumPy

PYTHONS = """import random
random.random()
first = random.getstate()
random.seed(3)
random.random()
random.setstate(first)
random.random()
random.setstate(random.Random(5).getstate())
random.random()
"""


def test_a_state_that_was_saved_unseeded_is_unseeded_when_it_is_restored(tmp_path):
    """And one that this process never saved, as of a checkpoint, is a seed."""
    assert [False, True, False, True] == [bool(one[3]) for one in records(tmp_path, PYTHONS, DRAW)]


def test_an_unseeded_state_that_is_saved_is_known_and_a_seeded_one_is_not(tmp_path):
    """A seed may be made from it."""
    text = "import random\nrandom.getstate()\nrandom.seed(1)\nrandom.getstate()\n"

    assert [("random.getstate", 2)] == [(one[0], one[2]) for one in records(tmp_path, text, OUTSIDE)]


FORKED = """import os, random
random.seed(3)
random.random()
child = os.fork()
if not child:
    random.random()
    raise SystemExit
os.waitpid(child, 0)
random.random()
"""


@pytest.mark.parametrize(("lineage", "expected"), [("main", [True, True]), ("main.0", [False])])
def test_python_seeds_its_generator_from_entropy_in_a_forked_child(tmp_path, lineage, expected):
    """So the parent's seed is none there."""
    assert expected == [bool(one[3]) for one in records(tmp_path, FORKED, DRAW, lineage=lineage)]


def test_the_entropy_that_a_library_takes_is_recorded_with_its_function(tmp_path):
    """At the program's line, as what it knows before a difference; the program's own is a draw."""
    text = "import random, sys\nsys.path.insert(0, sys.path[0] + '/site-packages')\nimport made_library\n"
    text += "made_library.Compose()\nmade_library.name()\nrandom.Random()\nrandom.Random(7)\n"
    found = records(tmp_path, text, OUTSIDE, DRAW, libraries=[(LIBRARY, MADE_LIBRARY)])

    inside = "made_library.Compose.__init__" if sys.version_info >= (3, 11) else "made_library.__init__"
    assert [
        ("random.Random", inside, 4),
        ("os.urandom", "made_library.name", 5),
        ("random.Random", "", 6),
    ] == [one[:3] for one in found]


NUMPYS = """import numpy as np
np.random.rand()
np.random.mtrand._rand.seed(7)
np.random.rand()
np.random.rand()
np.random.seed(1)
np.random.mtrand._rand.seed([1, 2])
np.random.default_rng()
np.random.default_rng(3)
"""


@pytest.mark.frameworks
@pytest.mark.slow
def test_numpys_global_generator_tells_a_seed_that_no_call_gave(tmp_path):
    """Never seeded, seeded by a method that cannot be wrapped, then by a call."""
    found = records(tmp_path, NUMPYS, DRAW, SEED, OUTSIDE, python=AUDITED)

    assert [
        ("numpy.random.rand", "", 2, 0),
        ("numpy.random.global state", "7", 4, 0),
        ("numpy.random.rand", "", 4, 1),
        ("numpy.random.rand", "", 5, 1),
        ("numpy.random.seed", "1", 6, 0),
        ("numpy.random.default_rng", "None", 8, 0),
        ("numpy.random.default_rng", "", 8, 0),
        ("numpy.random.default_rng", "3", 9, 0),
    ] == found


@pytest.mark.frameworks
@pytest.mark.slow
def test_624_draws_of_one_word_each_are_no_seed(tmp_path):
    """The place of the next word is then that of a fresh seed; the words are not."""
    loop = "for _ in range(1300):\n    np.random.randint(0, 2**32, dtype='uint32')\n"
    text = "import numpy as np\n" + loop + "np.random.seed()\n" + loop

    assert ["numpy.random.seed"] == [one[0] for one in records(tmp_path, text, SEED, python=AUDITED)]


# ------------------------------------------------------------------------------------------------------------- torch

TORCHS = """import torch
torch.rand(2)
torch.default_generator.manual_seed(3)
torch.rand(2)
torch.manual_seed(4)
torch.rand(2)
with torch.random.fork_rng():
    torch.default_generator.manual_seed(44)
    torch.rand(1)
torch.rand(1)
torch.seed()
torch.rand(1)
own = torch.Generator()
torch.rand(1, generator=own)
torch.empty(2).uniform_(generator=own)
own.manual_seed(9)
torch.rand(1, generator=own)
other = torch.Generator().manual_seed(9)
torch.rand(1, generator=other)
torch.rand(1)
"""
SEEN = [
    ("torch.default_generator", "3", 4, 0),
    ("torch.manual_seed", "4", 5, 0),
    ("torch.default_generator", "44", 9, 0),
    ("torch.default_generator", "4", 10, 0),
    ("torch.seed", "None", 11, 0),
    ("torch.Generator", "67280421310721", 14, 1),
    ("torch.Generator", "9", 16, 1),
    ("torch.Generator", "9", 18, 2),
]


@pytest.mark.frameworks
@pytest.mark.slow
def test_torchs_generators_tell_each_seed_once_whoever_gave_it(tmp_path):
    """By a method in C, by `fork_rng`, by a call; of the default one and of the program's own, which are told apart."""
    assert SEEN == records(tmp_path, TORCHS, SEED, python=AUDITED)


@pytest.mark.frameworks
@pytest.mark.slow
def test_each_draw_of_torchs_names_its_generator(tmp_path):
    """0 for the default one; in the detail tier as well."""
    drawn = [one for one in records(tmp_path, TORCHS, OP, tier="detail", python=AUDITED) if "empty" not in one[0]]

    assert [0] * 6 + [1, 1, 1, 2, 0] == [one[3] for one in drawn]


@pytest.mark.frameworks
@pytest.mark.slow
def test_a_draw_that_nothing_seeded_has_no_seed_before_it_even_if_a_state_is_restored(tmp_path):
    """`fork_rng` restores the state that came from entropy."""
    text = (
        "import torch\nwith torch.random.fork_rng():\n    torch.default_generator.manual_seed(5)\n    torch.rand(1)\n"
    )
    text += "torch.rand(1)\n"

    assert ["5", "None"] == [one[1] for one in records(tmp_path, text, SEED, python=AUDITED)]


# -------------------------------------------------------------------------------------------------------- TensorFlow

TENSORFLOWS = """import tensorflow as tf
from tensorflow.python.eager import context
tf.random.normal([2])
context.set_global_seed(5)
tf.random.normal([2])
tf.random.normal([2])
tf.random.set_seed(6)
tf.random.normal([2])
"""


@pytest.mark.frameworks
@pytest.mark.slow
def test_tensorflows_global_seed_is_told_once_whoever_set_it(tmp_path):
    """By its context, and by the call."""
    assert [
        ("tensorflow.random.global_seed", "5", 5, 0),
        ("tensorflow.random.set_seed", "6", 7, 0),
    ] == records(tmp_path, TENSORFLOWS, SEED, python=AUDITED)
