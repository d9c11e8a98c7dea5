"""A module is hooked when the program imports it, however often its spec was asked for before."""

import importlib
import importlib.util
import sys

import pytest
from recorded_runs import recorded
from support import AUDITED, ROOT

from auditor.replay.trace.archive import open_folder


@pytest.fixture
def finder(tmp_path, monkeypatch):
    """An installed finder, and a folder on the path for modules; both are gone afterwards."""
    spec = importlib.util.spec_from_file_location(
        "_after_import", ROOT / "checks/recorders/replay/python/after_import.py"
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path])
    monkeypatch.syspath_prepend(str(tmp_path))
    problems = []
    yield module.installed(problems.append)
    sys.modules.pop("awaited_module", None)
    assert [] == problems


@pytest.mark.parametrize("asked", [0, 1, 2])
def test_a_module_whose_spec_was_asked_for_is_hooked_all_the_same(tmp_path, finder, asked):
    """Libraries ask whether a framework is there (`importlib.util.find_spec`) before they import it; once is enough."""
    (tmp_path / "awaited_module.py").write_text("x = 1\n")
    seen = []
    finder.when_imported("awaited_module", lambda module: seen.append(module.x))
    for _ in range(asked):
        assert importlib.util.find_spec("awaited_module") is not None

    assert [] == seen
    importlib.reload(importlib.import_module("awaited_module"))
    assert [1] == seen


def test_a_module_that_is_not_there_is_hooked_once_it_is(tmp_path, finder):
    """Its spec is asked for in vain before."""
    seen = []
    finder.when_imported("awaited_module", seen.append)
    assert importlib.util.find_spec("awaited_module") is None
    (tmp_path / "awaited_module.py").write_text("x = 1\n")
    importlib.invalidate_caches()
    importlib.import_module("awaited_module")

    assert ["awaited_module"] == [one.__name__ for one in seen]


@pytest.mark.frameworks
@pytest.mark.slow
def test_torch_is_recorded_though_its_spec_was_asked_for(tmp_path):
    """As transformers, accelerate and datasets do."""
    script = tmp_path / "script.py"
    script.write_text("import importlib.util\nimportlib.util.find_spec('torch')\nimport torch\ntorch.rand(2)\n")
    _, problems, _, _ = recorded([str(script)], tmp_path / "run", python=AUDITED)
    with open_folder(tmp_path / "run") as trace:
        operations = trace.operations

    assert ([], 1) == (problems, operations)
