"""The parts of the fast hook for JAX that need no JAX: which programs are marked, and that the hook stays."""

from collections import namedtuple
from types import ModuleType, SimpleNamespace

import pytest

from checks.recorders.replay.jax import fast

Data = namedtuple("Data", ("out_shardings", "out_avals"))  # noqa: PYI024 - as JAX's, but without types


class Sharding:
    """A sharding that is equal to others on the same device."""

    def __init__(self, device):
        self.device_set = {device}

    def __eq__(self, other):  # noqa: D105
        return self.device_set == other.device_set

    def __hash__(self):  # noqa: D105
        return hash(tuple(self.device_set))


class Interned(Sharding):
    """One of a JAX that keeps one object for equal shardings."""

    def __copy__(self):  # noqa: D105
        return self


class Different(Sharding):
    """One whose copy is not equal to it."""

    def __copy__(self):  # noqa: D105
        return Different("other")


class Problems:
    """Takes what a recorder reports."""

    def __init__(self):
        self.seen = []

    def problem(self, error):
        """Keep it."""
        self.seen.append(error)


def aval(kind="f", size=8, itemsize=4):
    """The dtype and size of an output."""
    return SimpleNamespace(dtype=SimpleNamespace(kind=kind, itemsize=itemsize), size=size)


def given_to_the_fast_path(found, *, callbacks=False, effects=(), ran=True):
    """(what JAX gets, the marked programs) for fast-path data; `ran`: whether this executable ran just before."""
    process = Problems()
    programs = fast.Programs(process, lambda parameters: (parameters["name"], 2))
    executable = SimpleNamespace(unsafe_call=SimpleNamespace(has_host_callbacks=callbacks))
    jaxpr = SimpleNamespace(effects=effects)
    programs.compiled(executable if ran else object(), {"name": "add", "jaxpr": jaxpr})
    answer = programs.marking(lambda *_arguments: found)(executable)
    assert [] == process.seen
    return answer, programs.known


def test_a_program_gets_shardings_of_its_own_by_which_it_is_known():
    """Equal ones, so that JAX compiles nothing again."""
    found = Data([Sharding("cpu")], [aval()])
    answer, known = given_to_the_fast_path(found)

    assert (found, True) == (answer, answer.out_shardings[0] is not found.out_shardings[0])
    assert ("add", True) == (known[id(answer.out_shardings[0])].name, known[id(answer.out_shardings[0])].quick)


@pytest.mark.parametrize(
    ("found", "how"),
    [
        (None, {}),
        (Data([Sharding("cpu")], [aval()]), {"callbacks": True}),
        (Data([Sharding("cpu")], [aval()]), {"effects": ("print",)}),
        (Data([Sharding("cpu")], [aval()]), {"ran": False}),
        (Data([], []), {}),
        (Data([Interned("cpu")], [aval()]), {}),
        (Data([Sharding("cpu"), Different("cpu")], [aval(), aval()]), {}),
    ],
    ids=["none", "callback", "effect", "unknown", "no output", "interned", "unequal copy"],
)
def test_what_the_hook_could_not_record_takes_jaxs_python_path(found, how):
    """The negative control of the mark: such a program is not given to the fast path."""
    assert (None, {}) == given_to_the_fast_path(found, **how)


@pytest.mark.parametrize(
    "outputs",
    [[aval(kind="V")], [aval(size=1 << 20)], [aval(), aval()]],
    ids=["bfloat16", "large", "two"],
)
def test_only_one_small_output_of_a_plain_dtype_is_copied(outputs):
    """All others are digested as in the other tiers."""
    answer, known = given_to_the_fast_path(Data([Sharding("cpu") for _ in outputs], outputs))

    assert not known[id(answer.out_shardings[0])].quick


def test_an_error_of_the_mark_is_a_problem_and_the_program_takes_the_python_path():
    """Nothing reaches the program."""
    process = Problems()
    programs = fast.Programs(process, None)
    executable = object()
    programs.compiled(executable, {"jaxpr": None})

    assert programs.marking(lambda *_arguments: Data([1], [1]))(executable) is None
    assert ["AttributeError"] == [type(one).__name__ for one in process.seen]


class State:
    """JAX's setting of the hook."""

    def __init__(self):
        self.value = None

    def set_global(self, value):
        """For all threads."""
        self.value = value

    set_local = set_global

    def get_global(self):
        """What is set."""
        return self.value


@pytest.mark.parametrize("way", ["set_global", "set_local"])
def test_the_hook_stays_when_the_program_sets_and_removes_jaxs_own_check(way):
    """`with jax.debug_nans(False)` sets None."""
    called = []
    state = State()
    ours = fast.HookState(state, lambda *_given: called.append("recorded"))
    for check in (lambda *_given: called.append("checked"), None):
        getattr(ours, way)(check)
        ours.get_global()(1, 2, 3, 4)

    assert ["checked", "recorded", "recorded"] == called


def test_a_call_that_jaxs_check_refuses_is_not_recorded():
    """As on JAX's Python path, which raises before it returns."""

    def refuse(*_given):
        raise FloatingPointError

    called, state = [], State()
    fast.HookState(state, called.append).set_global(refuse)
    with pytest.raises(FloatingPointError):
        state.value(1, 2, 3, 4)

    assert [] == called


@pytest.mark.parametrize(
    ("state", "fields"),
    [
        (None, ("out_shardings", "out_avals")),
        (State(), ("xla_executable",)),
        (object(), ("out_shardings", "out_avals")),
    ],
    ids=["no hook", "other data", "other hook"],
)
def test_a_jax_without_the_parts_is_left_alone(monkeypatch, state, fields):
    """Every call then takes JAX's Python path, as in the other tiers."""
    modules = {name: ModuleType(name) for name in ("jax", "jax._src", "jax._src.api", "jax._src.pjit")}
    modules |= {name: ModuleType(name) for name in ("jax._src.interpreters", "jax._src.interpreters.pxla")}
    for name, module in modules.items():
        monkeypatch.setitem(__import__("sys").modules, name, module)
        parent, _, last = name.rpartition(".")
        if parent:
            setattr(modules[parent], last, module)
    if state is not None:
        modules["jax._src.api"]._post_hook_state = state
    modules["jax._src.interpreters.pxla"].MeshExecutableFastpathData = namedtuple("Data", fields)  # noqa: PYI024
    plain = modules["jax._src.pjit"]._get_fastpath_data = object()

    assert fast.follow(SimpleNamespace(process=None), None) is None
    assert (state, plain) == (
        getattr(modules["jax._src.api"], "_post_hook_state", None),
        modules["jax._src.pjit"]._get_fastpath_data,
    )
