"""TensorFlow's programs, replayed: eager operations, functions, input pipelines, Keras."""

import subprocess
from pathlib import Path

import pytest
from support import AUDITED

from auditor.replay.alignment.first_differences import compare
from auditor.replay.provenance.origin import find
from auditor.replay.runs.run import Setup, run
from auditor.replay.session import ReplayOptions, Session
from auditor.replay.trace.archive import open_trace

EXPERIMENTS = Path(__file__).parent / "experiments"
pytestmark = [pytest.mark.frameworks, pytest.mark.slow]


def command(name):
    """The command line of one of the experiments."""
    return [AUDITED, str(EXPERIMENTS / f"{name}.py")]


def guilty_line(name):
    """The number of the line that says that it is guilty."""
    lines = (EXPERIMENTS / f"{name}.py").read_text().splitlines()
    return next(number for number, line in enumerate(lines, start=1) if "# guilty" in line)


def recorded(name, scratch, tier):
    """Two runs in one tier, and what each printed."""
    runs = [run(command(name), Setup(folder=scratch / f"{tier}-{n}", tier=tier, show=False)) for n in range(2)]
    return runs, [one.stdout.path.read_bytes() for one in runs]


@pytest.mark.parametrize(
    "name", ["tf_clean", *(pytest.param(name, marks=pytest.mark.exhaustive) for name in ("tf_compiled", "tf_loops"))]
)
def test_recording_changes_no_bit_and_clean_runs_are_identical(tmp_path, name):
    """Loops and branches in graphs, gradients, Keras, what XLA compiles, pipelines, threads: in both tiers."""
    alone = subprocess.run(command(name), capture_output=True, check=True).stdout

    for tier in ("base", "detail"):
        runs, printed = recorded(name, tmp_path, tier)
        with open_trace(runs[0].folder) as first, open_trace(runs[1].folder) as second:
            alignment = compare(first, second)

        assert ((), (), ()) == (alignment.differences, alignment.problems, alignment.cut)
        assert [alone, alone] == printed


def test_a_trace_names_what_ran_inside_a_function(tmp_path):
    """A base trace has the call, a detail trace also each operation, at the user's line."""
    found = {}
    for tier in ("base", "detail"):
        one = run(command("tf_unseeded_inside"), Setup(folder=tmp_path / tier, tier=tier, show=False))
        with open_trace(one.folder) as trace:
            stream = next(iter(trace.streams.values()))
            found[tier] = [
                (stream.name_of(each), stream.source(each).line)
                for each in stream.records(0, stream.blocks)
                if each.kind in {2, 12}
            ]
    inside = ("tf.RandomUniform", guilty_line("tf_unseeded_inside"))

    assert (0, 3) == (found["base"].count(inside), found["detail"].count(inside))
    assert all(("tf.function:noisy", 12) in each for each in found.values())


@pytest.mark.exhaustive
def test_what_a_pipelines_python_draws_is_the_origin_and_only_a_seed_is_its_cure(tmp_path):
    """Under the switch for determinism alone it still differs; and the name of a folder is no difference."""
    settings = [
        {},
        {},
        {"framework-switch": "on"},
        {"framework-switch": "on"},
        {"entropy": "fixed"},
        {"entropy": "fixed"},
    ]
    runs = [
        run(command("tf_generator_draw"), Setup(tmp_path / str(n), each, tier="detail", show=False))
        for n, each in enumerate(settings)
    ]
    found = []
    for one, other in zip(runs[::2], runs[1::2], strict=True):
        with open_trace(one.folder) as first, open_trace(other.folder) as second:
            alignment = compare(first, second)
            origin = find(first, second).origin
        assert ((), ()) == (alignment.problems, alignment.cut)
        found.append(bool(alignment.differences) and (origin.name, origin.source.line, origin.evidence))

    guilty = ("numpy.random.permutation", guilty_line("tf_generator_draw"), "draw-unseeded")
    assert [guilty, guilty, False] == found


def test_an_element_is_told_at_the_line_of_its_pipelines_worst_stage(tmp_path):
    """Draws in parallel or any order, in a loop and in Keras's `fit`; a stage that is as good as any is not blamed."""
    one = run(command("tf_pipelines"), Setup(folder=tmp_path / "run", tier="detail", show=False))
    lines = (EXPERIMENTS / "tf_pipelines.py").read_text().splitlines()
    blamed = [number for number, line in enumerate(lines, start=1) if "# blame" in line]
    with open_trace(one.folder) as trace:
        stream = next(iter(trace.streams.values()))
        steps = [each for each in stream.records(0, stream.blocks) if each.kind == 2]
        told = [stream.source(each).line for each in steps if stream.name_of(each) == "tf.IteratorGetNext"]
        takes = next(number for number, line in enumerate(lines, start=1) if "prefetch" in line)

    assert [takes, *blamed] == list(dict.fromkeys(told))


@pytest.mark.parametrize(
    ("name", "operation", "cause"),
    [
        pytest.param("tf_unseeded", "tf.RandomStandardNormal", "unseeded-random", marks=pytest.mark.exhaustive),
        pytest.param("tf_unseeded_inside", "tf.RandomUniform", "unseeded-random", marks=pytest.mark.exhaustive),
        pytest.param("tf_keras_unseeded", "random.randint", "unseeded-random", marks=pytest.mark.exhaustive),
        pytest.param("tf_parallel_map", "tf.IteratorGetNext", "nondeterministic-op", marks=pytest.mark.exhaustive),
        pytest.param(
            "tf_unseeded_variable", "tf.RandomStandardNormal", "unseeded-random", marks=pytest.mark.exhaustive
        ),
        pytest.param(
            "tf_race", "tf.ResourceScatterAdd", "nondeterministic-op", marks=[pytest.mark.exhaustive, pytest.mark.alone]
        ),
        pytest.param("tf_race_inside", "tf.ResourceScatterAdd", "nondeterministic-op", marks=pytest.mark.exhaustive),
        pytest.param("tf_global_generator", "tf.NonDeterministicInts", "unseeded-random", marks=pytest.mark.exhaustive),
    ],
)
def test_the_guilty_line_is_named_and_its_cure_proven(tmp_path, name, operation, cause):
    """An unseeded draw in eager code, in a graph, in Keras; a pipeline that draws in any order; threads that race."""
    result = Session(ReplayOptions(command(name), tmp_path / "runs", show=False), str).run()

    assert ("diverged", cause) == (result.verdict, result.divergence.cause)
    assert (operation, guilty_line(name)) == (result.divergence.op, result.divergence.source.line)
    assert result.remedy.proven


@pytest.mark.exhaustive
@pytest.mark.alone
def test_a_race_that_details_hide_is_explained_from_plain_runs(tmp_path):
    """
    Rounds of a loop draw in any order; where each operation is told they take turns, and every run is the same.

    Some runs agree by chance, so that the default budget decides it only in some replays.
    """
    result = Session(ReplayOptions(command("tf_while_race"), tmp_path / "runs", show=False, budget_runs=80), str).run()
    found = result.divergence

    assert ("diverged", "nondeterministic-op", "first-to-differ") == (result.verdict, found.cause, found.evidence)
    assert ("tf.function:walk", guilty_line("tf_while_race")) == (found.op, found.source.line)
    assert (True, {"TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1"}) == (
        result.remedy.proven, result.remedy.env,
    )  # fmt: skip
    assert any("recording hides it" in one for one in result.problems)


SAVES = """
import sys
import tensorflow as tf

class Model(tf.Module):
    @tf.function(input_signature=[tf.TensorSpec([None], tf.float32)])
    def __call__(self, rows):
        for _ in tf.range(2):
            rows = tf.tanh(rows)
        return rows

model = Model()
print(model(tf.ones([2])).numpy())
tf.saved_model.save(model, sys.argv[1])
"""
LOADS = """
import sys
import tensorflow as tf

model = tf.saved_model.load(sys.argv[1])
print(model(tf.ones([2])).numpy())
"""


@pytest.mark.exhaustive
def test_a_model_that_a_recorded_run_saves_is_as_good_as_any(tmp_path):
    """Nothing of what is put into its graphs is in the file, and another process runs it with the same result."""
    saved = tmp_path / "model"
    program = tmp_path / "saves.py"  # AutoGraph reads its source
    program.write_text(SAVES)
    one = run([AUDITED, str(program), str(saved)], Setup(folder=tmp_path / "run", tier="detail", show=False))
    loaded = subprocess.run([AUDITED, "-c", LOADS, str(saved)], capture_output=True, check=True)

    assert b"auditor" not in (saved / "saved_model.pb").read_bytes()
    assert one.stdout.path.read_bytes() == loaded.stdout
