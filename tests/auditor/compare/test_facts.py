"""Differences of facts: states, maps, lists, and what cannot be told."""

import pytest
import samples
import sides
from sides import blind, side, value

from auditor.compare.facts import differences


def found(left, right, key="torch.version"):
    """Name, outcome and effect of each difference between two facts under one key."""
    sides_ = [{key: fact} if fact is not None else {} for fact in (left, right)]
    return [(one.name, one.outcome, one.effect) for one in differences(*sides_)]


VALUE = value("2.13.0")
CHANGES = [("torch.version", "differs", "changes")]
UNTOLD = [("torch.version", "cannot-tell", "changes")]


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        (VALUE, value("2.13.0"), []),
        (VALUE, value("2.12.0"), CHANGES),
        (VALUE, blind("unknown"), CHANGES),
        (blind("error"), VALUE, CHANGES),
        (VALUE, blind("not-applicable"), CHANGES),
        (blind("unknown"), blind("not-applicable"), CHANGES),
        (blind("not-applicable", "no torch"), blind("not-applicable", "no torch at all"), []),
        (blind("unknown"), blind("unknown"), UNTOLD),
        (blind("unknown"), blind("error", "OSError"), UNTOLD),
        (VALUE, None, UNTOLD),
        (None, blind("unknown"), UNTOLD),
    ],
)
def test_each_pair_of_states(left, right, expected):
    """A value against none is a difference; two blind sides, and a fact that one never recorded, cannot be told."""
    assert found(left, right) == expected


@pytest.mark.parametrize(
    ("left", "right"), [(True, 1), (False, 0), ([True], [1]), ({"a": False}, {"a": 0}), (None, False), ("1", 1)]
)
def test_values_are_equal_as_json_and_not_as_python(left, right):
    """True is not 1."""
    assert found(value(left), value(right), "torch.deterministic")
    assert not found(value(left), value(left), "torch.deterministic")


def test_maps_are_compared_entry_by_entry():
    """Each entry has its own effect, and one that is missing is absent, not unknown."""
    left = {"numpy": {"version": "2.4.0"}, "rich": {"version": "15.0"}, "same": {"version": "1"}}
    right = {"numpy": {"version": "2.3.0"}, "pip": {"version": "26"}, "same": {"version": "1"}}
    one = differences({"python.distributions": value(left)}, {"python.distributions": value(right)})

    assert [(item.entry, item.effect, item.a.state, item.b.state) for item in one] == [
        ("numpy", "changes", "value", "value"),
        ("pip", "cannot", "absent", "value"),
        ("rich", "may", "value", "absent"),
    ]


def test_a_map_against_no_value_is_one_difference():
    """What is unknown is not an empty map."""
    assert found(value({"LANG": "C"}), blind("error"), "env") == [("env", "differs", "may")]
    assert found(value({}), blind("unknown"), "env") == [("env", "differs", "may")]
    assert found(value({}), value({}), "env") == []


def test_the_order_of_flags_and_packages_means_nothing_and_that_of_devices_does():
    """Flags are a set; a device's place is its number."""
    assert found(value(["avx2", "fma"], "machine"), value(["fma", "avx2"], "machine"), "host.cpu.flags") == []
    assert found(value(["b=1", "a=1"]), value(["a=1", "b=1"]), "host.packages") == []
    assert found(value(["X86_V3", "X86_V4"]), value(["X86_V4", "X86_V3"]), "numpy.simd.found") == []
    assert found(value(["0: A", "1: B"]), value(["1: B", "0: A"]), "torch.devices")
    assert found(value(["/a", "/b"]), value(["/b", "/a"]), "python.path")
    assert found(value([700, 10, 5]), value([700, 5, 10]), "python.gc.thresholds")


def test_flags_have_effects_of_their_own():
    """Vector instructions decide kernels, others seldom."""
    assert found(value(["arat", "avx512f", "fma"]), value(["fma"]), "host.cpu.flags") == [
        ("host.cpu.flags/arat", "differs", "may"),
        ("host.cpu.flags/avx512f", "differs", "changes"),
    ]


def test_packages_of_the_system_are_told_one_by_one():
    """Not one line with all of them."""
    left, right = value(["libc6 2.36", "vim 9"]), value(["libc6 2.37", "vim 9"])

    assert found(left, right, "host.packages") == [("host.packages/libc6", "differs", "may")]


def library(version="0", **more):
    """A mapped library."""
    return {"library": "libmkl_rt.so.2", "path": "mkl/libmkl_rt.so.2", "version": version, "size": 7, **more}


def test_a_mapped_library_is_what_it_is_and_not_where_it_lies():
    """Paths are another fact; a digest counts where both sides took one."""
    key, name = "torch.libraries.loaded", "torch.libraries.loaded/libmkl_rt.so.2"

    assert found(value([library()]), value([library() | {"path": "/elsewhere"}]), key) == []
    assert found(value([library(sha256="a")]), value([library()]), key) == []
    assert found(value([library(sha256_from="file")]), value([library(sha256_from="RECORD")]), key) == []
    assert found(value([library(sha256="a")]), value([library(sha256="b")]), key) == [(name, "differs", "changes")]
    assert found(value([library()]), value([]), key) == [(name, "differs", "changes")]


def test_runtimes_are_compared_field_by_field():
    """Threads and core name of each BLAS and OpenMP runtime."""
    runtime = {"kind": "openblas", "core": "Haswell", "threads": 2, "library": "libopenblas.so"}
    left, right = value([runtime], "machine"), value([runtime | {"threads": 8}], "machine")

    assert found(left, right, "torch.libraries.runtimes") == [
        ("torch.libraries.runtimes/openblas/threads", "differs", "changes")
    ]


def test_two_runtimes_of_one_kind_are_kept_apart():
    """NumPy's OpenBLAS and SciPy's are two."""
    first = {"kind": "openblas", "core": "Haswell", "library": "a.so"}
    second = first | {"library": "b.so"}
    left, right = value([first, second]), value([second | {"core": "Zen"}, first])

    assert [name for name, _, _ in found(left, right, "torch.libraries.runtimes")] == [
        "torch.libraries.runtimes/openblas in b.so/core"
    ]


def test_a_seed_that_was_set_counts_and_one_that_was_drawn_does_not():
    """Each unseeded process draws another one, beyond 2^32 but for one in a million."""
    drawn, again = value("0x82698b61b653eb48", "volatile"), value(2**52 + 1, "volatile")

    assert found(value(0), value(1), "torch.seed") == [("torch.seed/set", "differs", "changes")]
    assert found(drawn, again, "torch.seed") == [("torch.seed/drawn", "differs", "cannot")]
    assert ("torch.seed/set", "differs", "changes") in found(value(0), drawn, "torch.seed")
    assert found(value(7), value(7), "torch.seed") == []


def test_two_hidden_secrets_cannot_be_told_apart():
    """The mark of a secret is no value."""
    hidden = {"TF_TOKEN": {"redacted": True}}

    assert found(value(hidden), value(hidden), "env") == [("env/TF_TOKEN", "cannot-tell", "may")]
    assert found(value(hidden), value({"TF_TOKEN": "x"}), "env") == [("env/TF_TOKEN", "differs", "may")]


@pytest.mark.parametrize("odd", [["a=1", "a=2"], ["a=1", 2], [["a"]], [{"library": 1}], [{"kind": None}], "text", 7])
@pytest.mark.parametrize(
    "key", ["host.packages", "host.cpu.flags", "torch.libraries.loaded", "torch.libraries.runtimes"]
)
def test_a_value_of_an_unexpected_shape_is_compared_whole(key, odd):
    """Another auditor's shape is no crash, and no silence."""
    assert found(value(odd), value(odd), key) == []
    assert [outcome for _, outcome, _ in found(value(odd), value(["z=1"]), key)] == ["differs"] * len(
        found(value(odd), value(["z=1"]), key)
    )
    assert found(value(odd), value(["z=1"]), key)


def test_a_manifest_does_not_differ_from_itself():
    """Facts of every state and role: what is unknown stays unknown."""
    facts = samples.facts()

    assert [(one.key, one.outcome) for one in differences(facts, facts)] == [
        ("host.cpu.governor", "cannot-tell"),
        ("host.gpu.driver", "cannot-tell"),
    ]


def test_the_helper_spells_keys():
    """Two underscores are a dot."""
    assert list(side(torch__version="1").facts) == ["torch.version"]
    assert sides.PAYLOAD == "0f" * 32
