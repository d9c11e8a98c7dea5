"""Files of two runs are paired by names without times, process ids and drawn parts; other names are results."""

from datetime import datetime

import pytest
from written_runs import START, runs_of

from auditor.replay.cause.run_pair import outputs_differ
from auditor.replay.texts.pairing import paired


def second(number):
    """A second of the n-th run, in local time."""
    return datetime.fromtimestamp(START + 10 * number + 3)  # noqa: DTZ006 - as programs write it


PAIRED = {
    "TensorBoard": lambda number: (
        f"runs/{second(number):%b%d_%H-%M-%S}_host/"
        f"events.out.tfevents.{int(START) + 10 * number + 2}.host.{4000 + number}.0"
    ),
    "Hydra": lambda number: f"outputs/{second(number):%Y-%m-%d/%H-%M-%S}/train.log",
    "a compact date": lambda number: f"model_{second(number):%Y%m%d_%H%M%S}.pt",
    "a date without the century": lambda number: f"runs/{second(number):%y%m%d-%H%M%S}/steps.csv",
    "a date without the year": lambda number: f"runs/{second(number):%m%d_%H%M%S}/steps.csv",
    "a UUID": lambda number: f"run-{'0123'[number] * 8}-1234-4123-8123-{'ab'[number] * 12}/log",
    "a temporary name": lambda number: f"tmp{('ab_d3f9x', 'q0zz_k1a')[number]}.bin",
    "a drawn name": lambda number: f"wandb/run-{('x3k2j9ab', 'p0q8r7s6')[number]}/files/config.yaml",
}
RESULTS = {
    "an epoch": lambda number: f"best_epoch{3 + number}.pt",
    "a word": lambda number: f"best_{('forest', 'linear')[number]}.pkl",
    "a date outside the run": lambda number: f"prices_2024-01-0{1 + number}.csv",
    "digits that are no date of the run": lambda number: f"sample-123456-65432{number}.npy",
    "a score": lambda number: f"model-0.8{number}.ckpt",
    "a folder": lambda number: f"fold_{number}/a.txt",
}


@pytest.mark.parametrize("name", PAIRED)
def test_names_of_a_run_are_paired(tmp_path, name):
    """So that their contents are compared."""
    runs = runs_of(tmp_path, lambda number: {PAIRED[name](number): "same"})

    assert [] == outputs_differ(*runs)
    other = (
        runs_of(tmp_path / "other", lambda number: {PAIRED[name](number): f"score {number}"}) if _made(tmp_path) else []
    )
    assert [PAIRED[name](0)] == outputs_differ(*other)


def _made(tmp_path):
    (tmp_path / "other").mkdir()
    return True


@pytest.mark.parametrize("name", RESULTS)
def test_other_names_are_results(tmp_path, name):
    """Whatever the files hold."""
    runs = runs_of(tmp_path, lambda number: {RESULTS[name](number): "same"})

    assert sorted(RESULTS[name](number) for number in range(2)) == sorted(outputs_differ(*runs))


def test_drawn_names_are_paired_in_the_order_of_writing(tmp_path):
    """Not of their names, which is chance."""
    names = (("a-zz9zz9zz", "a-aa1aa1aa"), ("a-bb2bb2bb", "a-cc3cc3cc"))
    runs = runs_of(tmp_path, lambda number: {names[number][0]: "first", names[number][1]: "second"})

    assert [] == outputs_differ(*runs)


def test_files_of_one_name_but_for_the_time_keep_their_order(tmp_path):
    """Of three runs, too."""
    runs = runs_of(tmp_path, lambda number: {f"{int(START) + 10 * number + one}.txt": f"{one}" for one in range(3)}, 3)

    assert [["0", "1", "2"][place] for place in range(3)] == [
        pair.files[2].lines.read_text().strip() for pair in paired(runs)
    ]
