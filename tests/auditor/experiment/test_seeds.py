"""Generators that a program draws from, by what its processes counted."""

from auditor.experiment import seeds
from auditor.experiment.tables import TableRow
from auditor.manifest.models import Experiment
from auditor.render import experiment as rendered

HERE = "/home/me/data.py\t12\tload\tnoise"


def table(draws=(), given=()):
    """The table of one process with these draws and seed calls."""
    return TableRow.model_validate(
        {
            "pid": 1,
            "parent": "",
            "program": "",
            "rank": "",
            "python": "",
            "ended": True,
            "operations": 0,
            "steps": 0,
            "frameworks": [],
            "problems": [],
            "notes": [],
            "signatures": [],
            "beyond": {},
            "draws": [[name, HERE, seeded, 1, 0] for name, seeded in draws],
            "seeds": [[name, HERE, text, 1, 0] for name, text in given],
        }
    )


def test_a_generator_that_no_call_seeds_is_told_with_the_line_of_its_draw():
    """The other generator is seeded, and is not told."""
    found = seeds.seedings(
        [
            table(
                [("numpy.random.rand", False), ("torch draw (aten::randn)", True)],
                [("torch.manual_seed", "0")],
            )
        ]
    )

    assert [("numpy", False, 12), ("torch", True, 12)] == [(one.generator, one.seeded, one.line) for one in found]
    assert "Seeds: numpy is never seeded (drawn at data.py:12)." == rendered._seeds(
        Experiment(command=["train"], seeds=found)
    )


def test_a_seed_of_the_systems_entropy_is_no_seed():
    """`torch.seed()` and `random.seed()` without an argument."""
    found = seeds.seedings([table([("random.random", False)], [("random.seed", "None")])])

    assert [("python", False, "")] == [(one.generator, one.seeded, one.seeded_at) for one in found]


def test_a_draw_in_one_process_of_two_counts():
    """Each process has generators of its own."""
    found = seeds.seedings([table([("random.random", True)]), table([("random.random", False)])])

    assert [("python", False, 2)] == [(one.generator, one.seeded, one.draws) for one in found]
