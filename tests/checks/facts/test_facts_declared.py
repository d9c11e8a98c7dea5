from __future__ import annotations

import re
import sys

import pytest
from asking import errors, facts, oracle, values

from auditor.shipped import folder
from checks import fact
from checks.declare import NotApplicable
from checks.process import discovery

SHALLOW = (
    *("accelerators", "caches", "code", "compilers", "env", "host", "installed", "job", "machine", "numpy", "python"),
    "system",
)
OURS = (*SHALLOW, "jax", "jax_after", "tensorflow", "tensorflow_after", "torch", "torch_after")
ROLES = {"software", "machine", "volatile", "identity"}


@pytest.mark.parametrize("group", OURS)
def test_every_key_is_declared_in_full(group):
    """A key is flat and dotted, has one of the four roles, and one line of meaning."""
    for name, key in discovery.load("facts." + group).KEYS.items():
        assert re.fullmatch(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)*", name), name
        assert key.role in ROLES, name
        assert key.meaning, name
        assert "\n" not in key.meaning, name


def test_no_key_is_declared_twice():
    """A key has one owner."""
    names = [name for group in OURS for name in discovery.load("facts." + group).KEYS]

    assert len(names) == len(set(names))


def test_groups_are_found_by_walking_the_folder():
    """The door offers every group, and helpers are no groups."""
    found = discovery.fact_groups()

    assert set(OURS) <= set(found)
    assert not [name for name in found if name.startswith("_")]


@pytest.mark.frameworks
def test_shallow_groups_import_no_framework():
    """Facts that no framework is asked for load none, so that a shallow probe is quick."""
    code = f"""
import importlib, json, sys
sys.path.insert(0, {str(folder("checks").parent)!r})
for group in {SHALLOW!r}:
    dict(importlib.import_module("checks.facts." + group).collect(dict()))
print(json.dumps(sorted(set(sys.modules) & set("torch tensorflow jax jaxlib keras".split()))))
"""

    assert oracle(code) == []


@pytest.mark.parametrize("group", ["torch", "tensorflow_after", "jax"])
def test_an_absent_framework_is_not_applicable(group):
    """In a Python without the framework each of its facts is there, and says that it is not installed."""
    framework = group.split("_")[0]
    found = facts(group, framework=framework, python=sys.executable)

    assert {one.state for one in found.values()} == {"not-applicable"}
    assert {one.reason for one in found.values()} == {f"{framework} is not installed"}


def test_numpy_says_which_blas_and_instructions():
    """NumPy's own configuration is read without an error."""
    found = facts("numpy")
    told = oracle("""
import json, numpy
told = numpy.show_config(mode="dicts")
print(json.dumps({"numpy.version": numpy.__version__, "numpy.blas.name": told["Build Dependencies"]["blas"]["name"],
                  "numpy.simd.found": told["SIMD Extensions"]["found"]}))
""")

    assert errors(found) == {}
    assert {name: values(found)[name] for name in told} == told


def _raise(problem):
    raise problem


@pytest.mark.parametrize(
    ("problem", "state"),
    [
        (NotApplicable("no such thing"), "not-applicable"),
        (fact.Unknown("hidden"), "unknown"),
        (ValueError("broken"), "error"),
    ],
)
def test_a_failing_probe_costs_only_itself(problem, state):
    """Each way of having no value is its own state, with its reason, and the neighbour is still read."""
    probes = {
        "a.b": fact.probe("software", "one", "here", lambda: _raise(problem)),
        "a.c": fact.probe("software", "two", "here", lambda: 1),
    }
    found = dict(fact.answers(probes))

    assert (found["a.b"]["state"], found["a.c"]["state"]) == (state, "value")
    assert str(problem) in found["a.b"]["reason"]
