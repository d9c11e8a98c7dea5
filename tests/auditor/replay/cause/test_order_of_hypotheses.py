"""Which factors are tried for each kind of evidence, and in which order."""

from __future__ import annotations

import pytest

from auditor.factors.cures import CURES, SEED_LINES
from auditor.replay.cause import interventions
from auditor.replay.cause.hypotheses import causes_of, hypotheses, is_why
from auditor.replay.provenance.origin_model import EarlierValue, Origin
from auditor.replay.trace.archive import TaskKey
from auditor.replay.trace.format import SourceLine

PLACE = TaskKey("main", 0), 3
HERE = SourceLine("a.py", 1)


def origin_of(evidence, name="aten::add", *, code="", **details):
    """An origin with this evidence."""
    return Origin(*PLACE, evidence, name, SourceLine("a.py", 1, "<module>", code), **details)


def earlier(name, generator=None, seeded=None):
    """A value that was taken before."""
    return EarlierValue(name, HERE, differs=True, volatile=False, generator=generator, seeded=seeded)


def factors(*origin, program=()):
    """The factors that are tried, in order."""
    return [one.factor for one in hypotheses(*origin, frozenset(program))]


ALL = ["hash-seed", "task-order", "memory-fill", "address-layout", "file-order", "clock", "entropy", "threads"]
"""What is tried where nothing is known, as docs/explanation/replay.md lists it."""


def test_where_only_the_output_differs_everything_is_tried():
    """But no framework's seed."""
    assert ALL == factors(None)


@pytest.mark.parametrize(
    ("evidence", "name", "expected"),
    [
        ("reads-unwritten", "aten::empty", ["memory-fill"]),
        ("same-inputs-other-outputs", "aten::index_add_", ["framework-switch", "threads", "memory-fill"]),
        ("same-inputs-other-outputs", "tf.MatMul", ["framework-switch", "threads", "memory-fill"]),
        ("same-inputs-other-outputs", "dot_general", ["threads", "memory-fill"]),  # JAX has no switch
        ("same-inputs-other-outputs", "jit:step", ["threads", "memory-fill", "compile"]),
        ("same-inputs-other-outputs", "inductor:0", ["framework-switch", "threads", "memory-fill", "compile"]),
        ("draw-unseeded", "inductor:0", ["seed", "entropy"]),
        ("same-inputs-other-outputs", "tf.IteratorGetNext", ["framework-switch", "threads", "memory-fill"]),
        ("other-order", "aten::add", ["task-order", "hash-seed", "address-layout", "file-order", "threads"]),
        ("outside", "aten::lift_fresh", [*ALL, "seed"]),
        ("other-branch", "aten::add", [*ALL, "seed"]),
        ("outside", "dot_general", ALL),
        ("outside", "time.time", ["clock", *[one for one in ALL if one != "clock"]]),
        ("outside", "datetime.datetime.now", ["clock", *[one for one in ALL if one != "clock"]]),
        ("outside", "os.listdir", ["file-order", *[one for one in ALL if one != "file-order"]]),
        ("outside", "os.urandom", ["entropy", *[one for one in ALL if one != "entropy"]]),
        ("other-branch", "os.urandom", ["entropy", *[one for one in ALL if one != "entropy"]]),
        ("outside", "secrets.token_hex", ALL),
        ("first-to-differ", "aten::add", ["framework-switch", "threads", *ALL[:-1], "seed"]),
        ("first-to-differ", "dot_general", ["threads", *ALL[:-1]]),
    ],
)
def test_the_evidence_decides_what_is_tried_first(evidence, name, expected):
    """Each settings once."""
    assert expected == factors(origin_of(evidence, name))


@pytest.mark.parametrize("evidence", ["same-inputs-other-outputs", "first-to-differ", "outside"])
@pytest.mark.parametrize(
    ("value", "factor"),
    [
        (earlier("time.time"), "clock"),
        (earlier("os.scandir"), "file-order"),
        (earlier("os.urandom"), "entropy"),
        (earlier("random.random", "python", seeded=False), "entropy"),
    ],
)
def test_what_was_taken_before_is_tried(evidence, value, factor):
    """First, except behind the framework's own means where the inputs were equal."""
    found = factors(origin_of(evidence, before=(value,)))

    assert factor == found[3 if evidence == "same-inputs-other-outputs" else 0]
    assert len(found) == len(set(found))


def test_a_pipeline_may_have_taken_a_value_before_too():
    """Behind its own cures."""
    found = factors(origin_of("same-inputs-other-outputs", "tf.IteratorGetNext", before=(earlier("time.time"),)))

    assert ["framework-switch", "threads", "memory-fill", "clock"] == found


def test_the_nearest_value_is_tried_first():
    """In the order in which they are given."""
    before = earlier("os.listdir"), earlier("time.time")

    assert ["file-order", "clock"] == factors(origin_of("outside", before=before))[:2]


@pytest.mark.parametrize("generator", ["python", "numpy"])
def test_a_seeded_draw_before_is_no_hypothesis(generator):
    """It gives the same in each run."""
    before = (earlier("random.random", generator, seeded=True), earlier("time.time"))

    assert "clock" == factors(origin_of("outside", before=before))[0]


def test_an_unseeded_draw_before_is_cured_by_its_own_generators_seed():
    """NumPy's, not Python's."""
    first = hypotheses(origin_of("outside", before=(earlier("numpy.random.rand", "numpy", seeded=False),)))[0]

    assert SEED_LINES["numpy"] == first.code


def test_other_names_in_a_folder_are_no_matter_of_order():
    """The listing's order is tried late, and what was taken before goes first."""
    found = factors(origin_of("outside", "os.listdir", other_set=True, before=(earlier("time.time"),)))

    assert ["clock", *[one for one in ALL if one != "clock"]] == found


# --------------------------------------------------------------------------------------------------------------- draws


@pytest.mark.parametrize(
    ("name", "details", "expected"),
    [
        ("aten::randn", {"generator": "torch", "seeded": False}, ["seed", "entropy"]),
        ("tf.RandomUniform", {"generator": "tensorflow", "seeded": False}, ["seed", "entropy"]),
        ("random.random", {"generator": "python", "seeded": False}, ["entropy"]),
        ("numpy.random.rand", {"generator": "numpy", "seeded": False}, ["entropy"]),
        ("aten::randn", {"generator": None, "seeded": False}, ["seed", "entropy"]),
        ("random_bits", {"generator": None, "seeded": False}, ["entropy"]),
    ],
)
def test_a_draw_is_cured_by_a_seed_or_by_fixed_entropy(name, details, expected):
    """A seed only where the recorder can set it before the program draws."""
    assert expected == factors(origin_of("draw-unseeded", name, **details))


def test_a_seeded_torch_draws_from_a_generator_of_its_own():
    """The global seed is set already."""
    first, second = hypotheses(origin_of("draw-unseeded", "aten::randn", generator="torch", seeded=True))

    assert ("generator.manual_seed(0)", {"seed": "0"}) == (first.code, first.settings)
    assert "entropy" == second.factor


@pytest.mark.parametrize(
    ("name", "details"),
    [
        ("aten::randn", {"generator": "torch", "seeded": False}),
        ("aten::randn", {"generator": "torch", "seeded": True, "from_system": SourceLine("a.py", 4)}),
        ("tf.RandomUniform", {"generator": "tensorflow", "seeded": True}),
    ],
)
def test_no_other_draw_is_told_to_seed_a_generator_of_its_own(name, details):
    """It was not seeded, or reseeded from the system's entropy, or is of another framework."""
    assert "generator.manual_seed(0)" not in [
        one.code for one in hypotheses(origin_of("draw-unseeded", name, **details))
    ]


def test_a_draw_without_a_generator_is_seeded_as_pythons():
    """The entropy's cure needs some line."""
    found = hypotheses(origin_of("draw-unseeded", "random_bits"))

    assert [SEED_LINES["python"]] == [one.code for one in found]


def test_the_entropys_cure_names_the_generator():
    """NumPy's own line."""
    (only,) = hypotheses(origin_of("draw-unseeded", "numpy.random.rand", generator="numpy", seeded=False))

    assert SEED_LINES["numpy"] == only.code
    assert f"(`{SEED_LINES['numpy']}`, or its own argument)" in only.text


# --------------------------------------------------------------------------------------------------------------- Keras


@pytest.mark.parametrize(
    ("evidence", "name", "program", "keras"),
    [
        ("draw-unseeded", "random.random", {"tensorflow"}, True),
        ("draw-unseeded", "numpy.random.rand", {"tensorflow", "torch"}, True),
        ("draw-unseeded", "random.random", {"torch"}, False),
        ("draw-unseeded", "random.random", (), False),
        ("draw-unseeded", "random.Random", {"tensorflow"}, False),
        ("outside", "random.random", {"tensorflow"}, False),
        ("other-branch", "numpy.random.rand", {"tensorflow"}, False),
        ("draw-unseeded", "secrets.token_hex", {"tensorflow"}, False),
    ],
)
def test_keras_is_told_only_of_global_generators_in_programs_of_tensorflow(evidence, name, program, keras):
    """Its layers take their seeds from them."""
    found = hypotheses(origin_of(evidence, name), frozenset(program))
    texts = [one.text for one in found if "Keras" in one.text]

    assert keras == bool(texts)
    assert keras == (SEED_LINES["tensorflow"] in [one.code for one in found])


def test_without_an_origin_a_program_of_tensorflow_is_told_nothing_of_keras():
    """No draw was recorded."""
    assert not any("Keras" in one.text for one in hypotheses(None, frozenset({"tensorflow"})))


def test_the_line_of_keras_is_what_is_run_first():
    """Then the system's entropy, with a cure of its own."""
    found = hypotheses(origin_of("draw-unseeded", "random.random"), frozenset({"tensorflow"}))

    assert [("seed", True), ("entropy", False)] == [(one.factor, "Keras" in one.text) for one in found]


# ---------------------------------------------------------------------------------------------------------- statements


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("x = datetime.now()", ["clock"]),
        ("x = strftime('%s')", ["clock"]),
        ("x = str(uuid1())", ["clock"]),
        ("x = uuid4()", ["entropy"]),
        ("x = default_rng()", ["entropy"]),
        ("with NamedTemporaryFile() as x:", ["entropy"]),
        ("for x in as_completed(tasks):", ["task-order"]),
        ("done, _ = wait(tasks)", ["task-order"]),
        ("for x in pool.imap_unordered(f, y):", ["task-order"]),
        ("x = np.empty(3)", ["memory-fill"]),
        ("x = np.empty_like(y)", ["memory-fill"]),
        ("x = id(y)", ["hash-seed", "address-layout"]),
        ("x = sorted(now)", []),
        ("x = identity(y)", []),
        ("x = {now(): id(y)}", ["clock", "hash-seed", "address-layout"]),
    ],
)
def test_a_statement_is_judged_by_what_it_calls(code, expected):
    """Then everything is tried."""
    rest = [one for one in ALL if one not in expected]

    assert [*expected, *rest] == factors(origin_of("outside", "line", code=code))


def test_what_a_statement_took_goes_before_what_it_calls():
    """And its evidence does not matter."""
    before = (earlier("os.listdir"),)

    assert ["file-order", "clock", "hash-seed"] == factors(
        origin_of("same-inputs-other-outputs", "print", code="now()", before=before)
    )[:3]


def test_fixed_addresses_come_with_a_fixed_hash_seed():
    """It decides in which order objects are made."""
    (found,) = [one for one in hypotheses(None) if one.factor == "address-layout"]

    assert {"address-layout", "hash-seed"} == set(found.settings)


# --------------------------------------------------------------------------------------------------- what fits a cause


@pytest.mark.parametrize(
    ("name", "causes"),
    [
        ("time.time", ["clock"]),
        ("datetime.datetime.now", ["clock"]),
        ("os.listdir", ["file-order"]),
        ("glob.glob", ["file-order"]),
        ("os.urandom", ["unseeded-random"]),
        ("os.getpid", []),
        ("os.zzz", []),
        ("uuid.uuid4", []),
    ],
)
def test_an_external_value_can_stand_for_the_causes_of_its_name(name, causes):
    """For none where the name says nothing."""
    assert causes == causes_of(name)


@pytest.mark.parametrize(
    ("evidence", "name", "generator", "proven", "fits"),
    [
        ("draw-unseeded", "random.random", "python", interventions.entropy("python"), True),
        ("draw-unseeded", "random.random", "python", interventions.clock(), False),
        ("outside", "time.time", None, interventions.clock(), True),
        ("outside", "time.time", None, interventions.files(), False),
        ("outside", "os.urandom", None, interventions.entropy("python"), True),
        ("outside", "os.getpid", None, interventions.clock(), False),
        ("outside", "torch.manual_seed", "torch", interventions.clock(), True),  # a seed may come from anything
        ("first-to-differ", "random.random", None, interventions.entropy("python"), False),
    ],
)
def test_a_proven_factor_fits_what_it_fixes(evidence, name, generator, proven, fits):
    """And nothing else."""
    assert fits is is_why(origin_of(evidence, name, generator=generator), proven)


# ----------------------------------------------------------------------------------------------------------- the cures


def test_the_switch_is_told_with_its_own_line():
    """TensorFlow's needs a seed before it; the line that is told is the switch."""
    (torch,), (tensorflow,) = interventions.switch("torch"), interventions.switch("tensorflow")

    assert "torch.use_deterministic_algorithms(True)" == torch.code
    assert "tf.config.experimental.enable_op_determinism()" == tensorflow.code
    assert all(f"`{one.code}`" in one.text for one in (torch, tensorflow))
    assert interventions.pipeline().code == tensorflow.code
    assert f"`{tensorflow.code}`" in interventions.pipeline().text


@pytest.mark.parametrize("framework", ["jax", "python"])
def test_a_framework_without_a_switch_has_no_such_hypothesis(framework):
    """Nothing can be called."""
    assert [] == list(interventions.switch(framework))


@pytest.mark.parametrize("framework", ["torch", "tensorflow", "jax"])
def test_one_thread_is_set_by_the_frameworks_own_variables(framework):
    """As a user without the recorder would."""
    found = interventions.one_thread(framework)

    assert dict(CURES["one-thread"].variables[framework]) == found.env
    assert {"threads"} == set(found.settings)


def test_the_hash_seed_is_set_by_its_variable():
    """Before Python starts."""
    assert {"PYTHONHASHSEED"} == set(interventions.hash_seed().env)


@pytest.mark.parametrize(
    ("generator", "name", "line", "said"),
    [
        ("torch", "aten::randn", SEED_LINES["torch"], "no recorded call of the program seeded this generator"),
        ("tensorflow", "tf.RandomUniform", SEED_LINES["tensorflow"], "no recorded call of the program seeded"),
        ("tensorflow", "zz", SEED_LINES["tensorflow"], "no recorded call of the program seeded"),
        (
            "tensorflow",
            "tf.NonDeterministicInts",
            SEED_LINES["tf.NonDeterministicInts"],
            "before the first draw: without a seed this generator takes the system's entropy",
        ),
        (
            "tensorflow",
            "from_non_deterministic_state",
            SEED_LINES["from_non_deterministic_state"],
            "Make the generator with",
        ),
    ],
)
def test_the_seed_that_is_told_is_that_of_the_generator(generator, name, line, said):
    """And why it is needed."""
    (found,) = interventions.unseeded(generator, name)

    assert line == found.code
    assert f"`{line}`" in found.text
    assert said in found.text


@pytest.mark.parametrize("generator", ["python", "numpy", "jax"])
def test_a_generator_that_cannot_be_seeded_from_outside_has_no_seed_hypothesis(generator):
    """The entropy is fixed in its place."""
    assert [] == list(interventions.unseeded(generator))


def test_each_hypothesis_has_a_cause_of_its_own_factor_and_a_text():
    """What is proven is told in these words."""
    causes = {one.factor: one.cause for one in hypotheses(origin_of("outside"))}

    assert {
        "hash-seed": "hash-order",
        "task-order": "thread-order",
        "memory-fill": "uninitialised-memory",
        "address-layout": "address-order",
        "file-order": "file-order",
        "clock": "clock",
        "entropy": "unseeded-random",
        "threads": "nondeterministic-op",
        "seed": "unseeded-random",
    } == causes


@pytest.mark.parametrize(
    ("region", "variable"), [("jit:step", "JAX_DISABLE_JIT"), ("inductor:0", "TORCH_COMPILE_DISABLE")]
)
def test_the_cure_of_a_compiled_region_is_the_variable_of_its_compiler(region, variable):
    """As it was run."""
    (last,) = interventions.compilers_off(region)

    assert ({variable: "1"}, "compile", True) == (last.env, last.cause, last.names_cause)
    assert [] == [*interventions.compilers_off("aten::add")]
