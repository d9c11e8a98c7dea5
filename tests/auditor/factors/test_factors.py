"""Every factor takes effect in a real process, and nothing else of the user's environment changes."""

import os
import shutil
import sys
from pathlib import Path

import psutil
import pytest
from support import AUDITED

from auditor import shipped
from auditor.factors import factors
from auditor.interpreter import conversation
from auditor.interpreter.conversation import Request, ask
from auditor.interpreter.launcher import Here
from auditor.interpreter.replies import Ok

SEES = '''"""
What a process sees of its own conditions, for tests of the factors.

Why: a factor that takes no effect would prove things that were never tried.

Remedy: none is needed.
"""
from ..declare import Check
CHECK = Check(severity="low", tier="quick", rule="identical")

def measure(settings):
    import ctypes, os, subprocess, sys, tempfile
    libc = ctypes.CDLL(None)
    libc.malloc.restype = ctypes.c_void_p
    fresh = libc.malloc(ctypes.c_size_t(300))
    return {
        "settings": settings,
        "hash": hash("word"),
        "processors": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 0,
        "tmp": tempfile.gettempdir(),
        "fresh": ctypes.string_at(fresh + 64, 1).hex(),
        "environment": sorted("%s=%s" % item for item in os.environ.items()),
        "load": subprocess.run(["ps", "-eo", "args"], stdout=subprocess.PIPE).stdout.decode().count("while True: pass"),
    }
'''
THREADS = '''"""
How many threads a framework says it uses, for tests of the factors.

Why: a factor that takes no effect would prove things that were never tried.

Remedy: none is needed.
"""
from ..declare import Check
CHECK = Check(severity="low", tier="quick", rule="identical", isolates=True)

def measure(settings):
    {body}
'''


@pytest.fixture
def sees(tmp_path, monkeypatch):
    """What a process under these settings sees of its own conditions."""
    copy = tmp_path / "payload" / "checks"
    shutil.copytree(shipped.folder("checks"), copy, ignore=shutil.ignore_patterns("__pycache__"))
    (copy / "python" / "sees.py").write_text(SEES)
    monkeypatch.setattr(conversation, "folder", lambda name: copy.parent / name)

    def look(settings, step=None):
        steps = [{"check": "python-sees", "repeats": 1, **({"settings": step} if step else {})}]
        *_, reply = ask(Here(sys.executable), Request("measure", steps=steps, settings=settings))
        assert isinstance(reply, Ok), reply
        return reply.repeats[0]

    return look


def test_an_untouched_process_has_the_users_environment(sees):
    """The first process of an audit runs in exactly the environment of the user."""
    assert sees({})["environment"] == sorted(f"{name}={value}" for name, value in os.environ.items())


def test_a_hash_seed_decides_the_hashes(sees):
    """Equal seeds, equal hashes; another seed, another hash; and only that variable is new."""
    first, again, other = (sees({"hash-seed": seed}) for seed in "001")

    assert first["hash"] == again["hash"] != other["hash"]
    assert set(first["environment"]) - set(sees({})["environment"]) == {"PYTHONHASHSEED=0"}


def test_affinity_leaves_one_processor(sees):
    """The payload narrows its own mask before a framework starts its threads."""
    assert sees({"affinity": "1"})["processors"] == 1


def test_tmp_is_another_folder(sees):
    """Temporary files go elsewhere, and the folder exists only for that process."""
    folder = sees({"tmp": "other"})["tmp"]

    assert folder != sees({})["tmp"]
    assert not Path(folder).exists()


@pytest.mark.parametrize("value", factors.FACTORS["memory-fill"].values)
def test_a_memory_fill_shows_in_fresh_memory_from_the_start_or_from_a_step(sees, value):
    """As MALLOC_PERTURB_ at the start of a process, and as mallopt between two steps of one: the same byte."""
    shown = f"{255 - int(value):02x}"

    assert sees({"memory-fill": value})["fresh"] == shown
    assert sees(factors.pooled(), step={"memory-fill": value})["fresh"] == shown


def test_contention_keeps_every_processor_busy_and_ends_with_the_process(sees):
    """Busy processes run beside the measurement, and none is left behind."""
    assert sees({})["load"] == 0
    assert sees({"contention": "1"})["load"] == os.cpu_count()
    assert not [
        process for process in psutil.process_iter(["cmdline"]) if "while True: pass" in (process.info["cmdline"] or [])
    ]


def test_a_compile_cache_is_in_the_users_cache_folder(tmp_path):
    """Declared by name; its place is the user's and stands in no manifest."""
    made = factors.environment({"compile-cache": "own"}, {"XDG_CACHE_HOME": str(tmp_path)}, tmp_path)

    assert made["TORCHINDUCTOR_CACHE_DIR"].startswith(str(tmp_path / "auditor"))
    assert made["JAX_COMPILATION_CACHE_DIR"].startswith(str(tmp_path / "auditor"))


@pytest.mark.frameworks
@pytest.mark.parametrize(
    ("framework", "body"),
    [
        ("torch", "import torch; return {'n': torch.get_num_threads()}"),
        ("tensorflow", "import tensorflow as t; return {'n': t.config.threading.get_intra_op_parallelism_threads()}"),
        ("jax", "import jax, os; jax.numpy.ones(9).sum(); return {'n': int(os.environ['NPROC'])}"),
    ],
)
def test_threads_reach_each_framework(tmp_path, monkeypatch, framework, body):
    """One thread is what the framework itself says it has."""
    copy = tmp_path / "payload" / "checks"
    shutil.copytree(shipped.folder("checks"), copy, ignore=shutil.ignore_patterns("__pycache__"))
    (copy / framework / "sees_threads.py").write_text(THREADS.format(body=body))
    monkeypatch.setattr(conversation, "folder", lambda name: copy.parent / name)
    steps = [{"check": f"{framework}-sees-threads", "repeats": 1}]
    *_, reply = ask(Here(AUDITED), Request("measure", framework=framework, steps=steps, settings={"threads": "1"}))

    assert reply.repeats == [{"n": 1}]


@pytest.mark.frameworks
@pytest.mark.slow
def test_onednn_off_is_what_tensorflow_says(tmp_path, monkeypatch):
    """The variable is read when TensorFlow is loaded; without it the processor decides, so it is set here."""
    monkeypatch.setenv("TF_ENABLE_ONEDNN_OPTS", "1")
    copy = tmp_path / "payload" / "checks"
    shutil.copytree(shipped.folder("checks"), copy, ignore=shutil.ignore_patterns("__pycache__"))
    body = "from tensorflow.python.util import _pywrap_util_port as p; return {'on': p.IsMklEnabled()}"
    (copy / "tensorflow" / "sees_threads.py").write_text(THREADS.format(body=body))
    monkeypatch.setattr(conversation, "folder", lambda name: copy.parent / name)
    steps = [{"check": "tensorflow-sees-threads", "repeats": 1}]

    def on(settings):
        *_, reply = ask(Here(AUDITED), Request("measure", framework="tensorflow", steps=steps, settings=settings))
        return reply.repeats[0]["on"]

    assert on({"onednn": "0"}) is False
    assert on({}) is True


@pytest.mark.parametrize("factor", [{}, {"hash-seed": "0"}, {"memory-fill": "zeros"}])
def test_the_placebo_changes_no_size_and_stands_for_a_factor(factor, tmp_path):
    """Under fixed addresses, results may depend on the size of the environment."""
    sizes = set()
    for slower in ("1.00", "3.25"):
        made = factors.environment({**factor, factors.PLACEBO: slower}, {"PATH": "/bin"}, tmp_path)
        sizes.add((len(made), sum(len(name) + len(value) for name, value in made.items())))

    assert 1 == len(sizes)
    assert sizes.pop()[0] >= 3


def test_a_cold_data_cache_is_an_empty_folder_of_that_run(tmp_path):
    """Each variable of a library points into it; the user's token and Keras' settings stay in effect."""
    home = tmp_path / "home"
    (home / ".keras").mkdir(parents=True)
    (home / ".keras" / "keras.json").write_text('{"backend": "jax"}')
    (home / ".keras" / "datasets").mkdir()
    made = factors.environment({"data-cache": "cold"}, {"HOME": str(home)}, tmp_path / "scratch")
    names = {"HF_HOME", "HF_DATASETS_CACHE", "TFDS_DATA_DIR", "TORCH_HOME", "KERAS_HOME", "XDG_CACHE_HOME"}

    assert names <= set(made)
    assert all(Path(made[name]).is_relative_to(tmp_path / "scratch") for name in names)
    assert ["keras.json"] == [path.name for path in (tmp_path / "scratch").rglob("*") if path.is_file()]
    assert str(home / ".cache" / "huggingface" / "token") == made["HF_TOKEN_PATH"]
    assert ["datasets", "keras.json"] == sorted(path.name for path in (home / ".keras").iterdir())


def test_a_warm_data_cache_is_the_users_own(tmp_path):
    """Nothing is set."""
    user = {"HOME": str(tmp_path), "HF_HOME": "mine"}

    assert user == factors.environment({"data-cache": "warm"}, user, tmp_path)
    assert "TRANSFORMERS_CACHE" not in factors.environment({"data-cache": "cold"}, user, tmp_path)
    assert (
        "mine"
        not in factors.environment({"data-cache": "cold"}, {**user, "TRANSFORMERS_CACHE": "mine"}, tmp_path)[
            "TRANSFORMERS_CACHE"
        ]
    )


@pytest.mark.frameworks
@pytest.mark.slow
@pytest.mark.parametrize(
    ("framework", "body"),
    [
        ("torch", "import torch._dynamo as d; return {'off': d.config.disable}"),
        ("tensorflow", "import tensorflow as t; return {'off': t.config.functions_run_eagerly()}"),
        ("jax", "import jax; return {'off': jax.config.jax_disable_jit}"),
    ],
)
@pytest.mark.parametrize("off", [True, False])
def test_each_frameworks_compiler_is_turned_off(tmp_path, monkeypatch, framework, body, off):
    """As the framework itself says; and not by another factor."""
    copy = tmp_path / "payload" / "checks"
    shutil.copytree(shipped.folder("checks"), copy, ignore=shutil.ignore_patterns("__pycache__"))
    (copy / framework / "sees_threads.py").write_text(THREADS.format(body=body))
    monkeypatch.setattr(conversation, "folder", lambda name: copy.parent / name)
    steps = [{"check": f"{framework}-sees-threads", "repeats": 1}]
    settings = {"compile": "off"} if off else {"hash-seed": "0"}
    *_, reply = ask(Here(AUDITED), Request("measure", framework=framework, steps=steps, settings=settings))

    assert [{"off": off}] == [{"off": bool(one["off"])} for one in reply.repeats]
