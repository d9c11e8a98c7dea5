"""Files that the real libraries write: equal but for times, or with one other number."""

import subprocess
import time
from dataclasses import replace
from pathlib import Path

import pytest
from support import LAYERS
from written_runs import run_of

from auditor.replay.cause.run_pair import outputs_differ
from auditor.replay.texts.first_difference import of_pair
from auditor.replay.texts.pairing import paired
from auditor.replay.texts.written import hidden

PLACES = {
    "a.npz": "a.npy[7]",
    "a.npy": "[7]",
    "a.pkl": "['a'][7]",
    "a.pt": "['model']['w'][7]",
    "a.keras": "model.weights.h5: /layers/dense/vars/1",
    "a.h5": "/model_weights/d/m/d/bias",
    "orbax/manifest.ocdbt": "w/0",
}


@pytest.mark.slow
@pytest.mark.frameworks
def test_real_files_differ_by_their_numbers_alone(tmp_path):
    """Of NumPy, pickle, PyTorch, TensorBoard, Keras, HDF5 and Orbax; each difference at its place."""
    script = Path(__file__).with_name("written_formats.py")
    runs = []
    for number, value in enumerate((0.5, 0.5, 0.25)):  # a process each: libraries number what they make
        working, began = tmp_path / f"working-{number}", time.time()
        with subprocess.Popen([LAYERS, "-B", str(script), str(working), str(value)]) as child:
            assert 0 == child.wait()
        paths = (path for path in sorted(working.rglob("*")) if path.is_file())
        files = {path.relative_to(working).as_posix(): path.read_bytes() for path in paths}
        run = run_of(tmp_path, number, files, python=LAYERS, pids={child.pid})
        runs.append(replace(run, started=began, seconds=time.time() - began))
    pathless = "orbax/commit_success.txt"  # names the folder, which is one of its own here

    assert [] == [name for name in outputs_differ(runs[0], runs[1]) if name != pathless]
    assert [] == hidden(runs)
    pairs = {pair.name: pair for pair in paired((runs[0], runs[2]))}
    differing = outputs_differ(runs[0], runs[2])
    assert {*PLACES, "a.weights.h5"} <= {*differing}
    assert any("tfevents" in name for name in differing)
    told = {name: of_pair(pairs[name], (runs[0], runs[2])) for name in PLACES}
    assert PLACES == {name: one.place for name, one in told.items()}
