"""From evidence to cures: what a user is told to write fits the framework in which it happened."""

import pytest
from streams import folder_of

from auditor.replay.cause import interventions
from auditor.replay.cause.hypotheses import hypotheses
from auditor.replay.provenance.origin import find
from auditor.replay.provenance.origin_model import Origin
from auditor.replay.trace.archive import TaskKey
from auditor.replay.trace.format import SourceLine

PLACE = TaskKey("main", 0), 3


def drawn(name, generator="python", program=()):
    """What is tried first for a draw without a seed."""
    origin = Origin(*PLACE, "draw-unseeded", name, SourceLine("a.py", 1), generator=generator, seeded=False)
    return hypotheses(origin, frozenset(program))[0]


@pytest.mark.parametrize(
    ("name", "generator", "line", "settings"),
    [
        ("random.randint", "python", "tf.keras.utils.set_random_seed(0)", {"seed": "0"}),
        ("numpy.random.rand", "numpy", "tf.keras.utils.set_random_seed(0)", {"seed": "0"}),
        ("random.Random", "python", "random.Random(0)", {"entropy": "fixed"}),
        ("numpy.random.default_rng", "numpy", "numpy.random.default_rng(0)", {"entropy": "fixed"}),
    ],
)
def test_a_program_of_tensorflow_seeds_all_generators_with_one_call(name, generator, line, settings):
    """Keras takes its layers' seeds from Python's generator; an instance still needs a seed of its own."""
    found = drawn(name, generator, {"tensorflow"})

    assert (line, settings) == (found.code, found.settings)
    assert f"`{line}`" in found.text


def test_a_cure_that_is_not_literally_what_was_run_says_what_was():
    """The seed of Keras and torch's switch are called as they are told; a seed of one's own is not."""
    keras, numpy = (drawn("random.randint", program=program) for program in ({"tensorflow"}, ()))
    switch = next(interventions.switch("torch"))

    assert ["", ""] == [keras.ran, switch.ran]
    assert "entropy=fixed (the system's entropy was the same bytes in each run)" == numpy.ran
    assert interventions.own_of_torch().ran.startswith("seed=0 (")
    assert not interventions.hash_seed().ran
    assert interventions.files().ran.startswith("file-order=reversed (")


def test_without_tensorflow_the_generators_own_line_is_given():
    """No framework is imported for a seed."""
    assert "random.seed(0)" == drawn("random.randint", program={"torch"}).code


@pytest.mark.parametrize(
    ("name", "generator", "said"),
    [
        ("aten::randn", "torch", "Write `torch.manual_seed(0)` in place of the call at line 4, which takes its seed"),
        ("random.random", "python", "Write `random.seed(0)` in place of the call at line 4, which takes its seed"),
    ],
)
def test_a_seed_call_without_a_seed_is_the_place_of_the_cure(name, generator, said):
    """A seed before it would be of no use."""
    taken = {"generator": generator, "seeded": False, "from_system": SourceLine("a.py", 4)}
    origin = Origin(*PLACE, "draw-unseeded", name, SourceLine("a.py", 1), **taken)

    assert all(said in one.text for one in hypotheses(origin)[:1])


def test_the_global_generator_of_tensorflow_is_seeded_by_a_call_of_its_own():
    """`tf.random.set_seed` does not reach it."""
    line = "tf.random.set_global_generator(tf.random.Generator.from_seed(0))"

    assert line == drawn("tf.NonDeterministicInts", "tensorflow").code


def test_a_generator_of_the_programs_own_is_seeded_where_it_is_made():
    """The global generator's seed does not reach it."""
    line = SourceLine("a.py", 1, "__init__", "self.noise = tf.random.Generator.from_non_deterministic_state()")
    origin = Origin(*PLACE, "draw-unseeded", "tf.NonDeterministicInts", line, generator="tensorflow", seeded=False)
    first = hypotheses(origin)[0]

    assert ("tf.random.Generator.from_seed(0)", {"seed": "0"}) == (first.code, first.settings)
    assert "`from_non_deterministic_state` takes the system's entropy" in first.text


def test_a_pipeline_is_told_how_to_keep_its_order():
    """Beside the switch, which is what is tried: what to write in the pipeline itself."""
    origin = Origin(*PLACE, "same-inputs-other-outputs", "tf.IteratorGetNext", SourceLine("a.py", 1))
    first = hypotheses(origin)[0]

    assert {"framework-switch": "on"} == first.settings
    assert all(text in first.text for text in ("num_parallel_calls=1", "deterministic=True", "enable_op_determinism"))


def test_of_one_line_the_first_time_is_told(tmp_path):
    """Though only the last of its results is seen to come out."""
    runs = [
        folder_of(
            tmp_path / name,
            *[lambda written, n=n, salt=salt: _drawn(written, n + salt) for n in range(4)],
            detail=True,
        )
        for name, salt in (("a", 0), ("b", 100))
    ]
    found = find(*runs).origin

    assert ("numpy.random.rand", 0) == (found.name, sum(1 for _ in _before(runs[0], found)))
    assert "numpy" == found.generator


def _drawn(written, digest):
    from streams import writer

    written.other(writer.DRAW, "numpy.random.rand", digest + 1, 5)


def _before(trace, origin):
    stream = trace.streams[origin.key]
    return (one for one in stream.records(0, origin.at) if stream.name_of(one) == origin.name)
