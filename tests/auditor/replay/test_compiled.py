"""Regions that torch compiles: still compiled under the recorder, and looked into once one of them diverges."""

import json
import subprocess

import pytest
from streams import Written, writer
from support import AUDITED
from test_session import EXPERIMENTS, guilty_line, replayed

from auditor.replay.cause import inside_region
from auditor.replay.provenance.origin_model import Origin
from auditor.replay.runs.run import Printed, Run, Setup, run
from auditor.replay.trace.archive import TaskKey, open_trace
from auditor.replay.trace.format import SourceLine

REGION = "inductor:0"


@pytest.fixture
def own_cache(tmp_path, monkeypatch):
    """What is compiled is kept for the runs of one test, and for no other."""
    monkeypatch.setenv("TORCHINDUCTOR_CACHE_DIR", str(tmp_path / "cache"))


@pytest.mark.frameworks
@pytest.mark.exhaustive
@pytest.mark.usefixtures("own_cache")
def test_a_compiled_training_is_compiled_all_the_same_and_identical(tmp_path):
    """With a cold cache and a warm one; it prints the same bits as alone, and how many frames were compiled."""
    result = replayed("compiled_clean", tmp_path, python=AUDITED, runs=2)
    path = str(EXPERIMENTS / "compiled_clean.py")
    alone = subprocess.run([AUDITED, path], capture_output=True, check=False).stdout
    made = run([AUDITED, path], Setup(tmp_path / "detail", tier="detail", show=False))

    assert ("identical", []) == (result.verdict, result.problems)
    assert alone == made.stdout.path.read_bytes()
    assert int(alone.split()[-1]) > 0
    with open_trace(made.folder) as trace:
        names = {stream.name_of(one) for stream in trace.streams.values() for one in stream.records() if one.kind == 12}
    assert {"inductor:0", "inductor:1 backward"} == names


@pytest.mark.frameworks
@pytest.mark.exhaustive
@pytest.mark.usefixtures("own_cache")
def test_a_draw_inside_a_compiled_region_is_known_as_one(tmp_path):
    """The state of torch's generator before and after the region says so."""
    result = replayed("compiled_unseeded", tmp_path, python=AUDITED, runs=2)
    found = result.divergence

    assert ("diverged", "unseeded-random", True) == (result.verdict, found.cause, result.remedy.proven)
    assert (REGION, guilty_line("compiled_unseeded"), False) == (found.op, found.source.line, found.seeded)


@pytest.mark.frameworks
@pytest.mark.exhaustive
@pytest.mark.alone
@pytest.mark.usefixtures("own_cache")
def test_the_operation_that_races_inside_a_compiled_region_is_named_and_its_cure_proven(tmp_path):
    """
    The region is the origin, the scatter in it the operation; the framework's switch cures it.

    Its inputs are kept while the region is evaluated, and it races alone too.
    """
    result = replayed("compiled_race", tmp_path, python=AUDITED, runs=2, reproducer=tmp_path / "out")

    assert ("diverged", "nondeterministic-op") == (result.verdict, result.divergence.cause)
    assert ("aten::index_put", guilty_line("compiled_race")) == (result.divergence.op, result.divergence.source.line)
    assert "inside inductor:0" in result.divergence.zoom
    assert ("torch.use_deterministic_algorithms(True)", True) == (result.remedy.code, result.remedy.proven)
    assert 0 < result.reproducer.diverged <= result.reproducer.calls, result.reproducer.note
    assert "aten::index_put" == json.loads((tmp_path / "out" / "operation.json").read_text())["operator"]


# ------------------------------------------------------------------------------------------------- without torch


class Recorded:
    """Runs of a program with one region, whose evaluations are given: each a list of passes of (name, in, out)."""

    def __init__(self, folder, *runs):
        self._folder, self._runs, self._made = folder, list(runs), 0
        self.places = []
        self.base = self._write([])

    def __call__(self, place, _purpose):
        """One run of the program, as a session makes it."""
        self.places.append(place)
        self._made += 1
        return self._write(self._runs[min(self._made, len(self._runs)) - 1])

    def _write(self, passes):
        folder = self._folder / str(self._made)
        written = Written(folder, detail=True)
        written.op("aten::mul", 1)
        written.op(REGION, 7, line=3, kind=writer.REGION)
        for number, steps in enumerate(passes):
            written.op(f"zoom:pass-{number}", 0)
            for line, (name, taken, gave) in enumerate(steps, start=10):
                written.op(f"zoom:{name}", gave, line=line)
                written.input(taken)
        self.at = written.op(REGION, 8, line=3, kind=writer.REGION) - 1
        written.end()
        nothing = Printed(folder / "stdout", "", 0)
        return Run(folder, 0, 1.0, nothing, nothing)

    def origin(self, **changed):
        """The second call of the region."""
        source, key = SourceLine("train.py", 3), TaskKey("main", 0)
        return Origin(key, self.at, changed.pop("evidence", "same-inputs-other-outputs"), REGION, source, **changed)


AGREE = [("aten::mul", 1, 2), ("aten::add", 2, 3)]
PARTS = [("aten::mul", 1, 2), ("aten::add", 2, 4)]


def test_the_first_operation_with_equal_inputs_and_other_outputs_is_named(tmp_path):
    """In two evaluations of one run, or of two runs; with its own line."""
    for number, runs in enumerate(([[AGREE, PARTS]], [[AGREE], [PARTS]])):
        made = Recorded(tmp_path / str(number), *runs)
        found = inside_region.evaluate(made, made.base, made.origin())

        assert ("aten::add", 11) == (found.step.name, found.step.source.line)
        assert {"lineage": "main", "ordinal": 0, "name": REGION, "count": 1} == made.places[0]


def test_what_only_received_other_inputs_is_not_named(tmp_path):
    """An evaluation that began with other inputs says nothing of the operations."""
    other = [("aten::mul", 5, 6), ("aten::add", 6, 7)]
    made = Recorded(tmp_path, [AGREE, other])

    assert inside_region.evaluate(made, made.base, made.origin()).step is None


def test_where_every_evaluation_agrees_the_compiled_code_is_to_blame(tmp_path):
    """The region stays the origin, and the text says so."""
    made = Recorded(tmp_path, [AGREE, AGREE])
    found = inside_region.evaluate(made, made.base, made.origin())

    assert found.step is None
    assert "the compiled code itself differs" in found.text
    assert "6 evaluations" in found.text


def test_a_region_without_a_graph_is_not_blamed(tmp_path):
    """What was compiled ahead of time has no equations to evaluate."""
    made = Recorded(tmp_path, [])

    assert "could not be evaluated" in inside_region.evaluate(made, made.base, made.origin()).text
    assert 1 == len(made.places)


def test_only_a_region_that_began_it_is_looked_into(tmp_path):
    """An operation of eager code has no inside; a region that received what differs is innocent."""
    made = Recorded(tmp_path, [AGREE])

    assert inside_region.evaluate(made, made.base, made.origin(evidence="outside")) is None
    assert [] == made.places
