"""Facts of folders of compiled kernels: where products keep them, and why there are none."""

import sys

import pytest
from asking import errors, facts, values


@pytest.fixture
def home(tmp_path, monkeypatch):
    """An empty home folder, and none of the variables that name another place."""
    for name in (
        *("TRITON_CACHE_DIR", "TRITON_HOME", "CUDA_CACHE_PATH", "CUDA_CACHE_DISABLE", "TORCH_EXTENSIONS_DIR"),
        *("JAX_COMPILATION_CACHE_DIR", "JAX_ENABLE_COMPILATION_CACHE", "XLA_FLAGS", "XDG_CACHE_HOME"),
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def planted(folder, *names):
    for name in names:
        (folder / name).mkdir(parents=True)
    return str(folder)


@pytest.mark.usefixtures("home")
def test_an_empty_home_has_none_and_says_where_they_would_be():
    """Not applicable; the reason names the usual place and the variable, and no path of this machine."""
    found = facts("caches", python=sys.executable)
    folders = {name: one for name, one in found.items() if name != "caches.triton.version"}

    assert {one.state for one in folders.values()} == {"not-applicable"}
    assert found["caches.cuda"].reason == "there is no ~/.nv/ComputeCache, and CUDA_CACHE_PATH names no other folder"
    assert "TORCH_EXTENSIONS_DIR" in found["caches.torch_extensions"].reason
    assert "jax.config" in found["caches.jax"].reason


def test_usual_folders_are_found(home, monkeypatch):
    """Triton's below TRITON_HOME, CUDA's in the home folder."""
    planted(home / "scratch" / ".triton" / "cache", "a", "b")
    planted(home / ".nv" / "ComputeCache", "c")
    monkeypatch.setenv("TRITON_HOME", str(home / "scratch"))
    told = values(facts("caches", python=sys.executable))

    assert (told["caches.triton"], told["caches.cuda"]) == (2, 1)


def test_extensions_are_counted_and_not_the_folders_of_builds(home, monkeypatch):
    """PyTorch keeps one folder for each Python and CUDA: those of another Python do not count."""
    here = f"py{sys.version_info[0]}{sys.version_info[1]}{sys.abiflags}_cpu"
    for root in (home / ".cache", home / "elsewhere"):
        planted(root / "torch_extensions" / here, "one", "two")
        planted(root / "torch_extensions" / "py27_cpu", "three")
    planted(home / "elsewhere" / "torch_extensions" / here, "four")
    usual = values(facts("caches", python=sys.executable))
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / "elsewhere"))

    assert usual["caches.torch_extensions"] == 2
    assert values(facts("caches", python=sys.executable))["caches.torch_extensions"] == 3


def test_what_is_switched_off_keeps_nothing(home, monkeypatch):
    """Although its folder is there."""
    planted(home / ".nv" / "ComputeCache", "c")
    monkeypatch.setenv("CUDA_CACHE_DISABLE", "1")
    monkeypatch.setenv("JAX_COMPILATION_CACHE_DIR", planted(home / "jax", "d"))
    on = values(facts("caches", python=sys.executable))
    monkeypatch.setenv("JAX_ENABLE_COMPILATION_CACHE", "false")
    found = facts("caches", python=sys.executable)

    assert on["caches.jax"] == 1
    assert (found["caches.cuda"].state, found["caches.jax"].state) == ("not-applicable", "not-applicable")
    assert "CUDA_CACHE_DISABLE=1" in found["caches.cuda"].reason


def test_tuned_kernels_are_found_beside_the_programs_of_jax(home, monkeypatch):
    """JAX turns XLA's own cache on with its own; a store in a cloud is not asked."""
    planted(home / "jax" / "xla_gpu_per_fusion_autotune_cache_dir", "k")
    monkeypatch.setenv("JAX_COMPILATION_CACHE_DIR", str(home / "jax"))
    told = values(facts("caches", python=sys.executable))
    monkeypatch.setenv("JAX_COMPILATION_CACHE_DIR", "gs://bucket/cache")
    remote = facts("caches", python=sys.executable)

    assert told["caches.xla.autotune"] == 1
    assert (remote["caches.jax"].state, remote["caches.xla.autotune"].state) == ("unknown", "unknown")


@pytest.mark.frameworks
def test_a_folder_that_the_program_sets_is_the_one(home, tmp_path):
    """jax.config decides, and no variable: a set-up file's choice is counted."""
    folder = planted(home / "set", "a", "b", "c")
    setup = tmp_path / "setup.py"
    setup.write_text(f"import jax\njax.config.update('jax_compilation_cache_dir', {folder!r})\n")
    found = facts("caches", setup=setup)

    assert errors(found) == {}
    assert found["caches.jax"].value == 3
