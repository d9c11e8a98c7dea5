"""Whether a GPU can be used: the driver's own answer, from a process of its own."""

import pytest

from checks.environment import _gpu


@pytest.fixture(autouse=True)
def _forgotten():
    """The answers are kept for a process; each test asks anew."""
    _gpu.nvidia_obstacle.cache_clear()
    _gpu.amd_obstacle.cache_clear()
    yield
    _gpu.nvidia_obstacle.cache_clear()
    _gpu.amd_obstacle.cache_clear()


@pytest.mark.parametrize(
    ("devices", "error", "told"),
    [
        (1, 0, ""),
        (8, 0, ""),
        (0, 0, "it offers no GPU (CUDA error 0, 0 devices)"),
        (1, 100, "it offers no GPU (CUDA error 100, 0 devices)"),
        (1, 34, "it offers no GPU (CUDA error 34, 0 devices)"),
    ],
)
def test_the_driver_decides(nvidia_driver, devices, error, told):
    """No device, all devices hidden (100), and the stub of the toolkit (34) are no GPU; one device is enough."""
    nvidia_driver(devices, error)

    assert (f"NVIDIA's driver: {told}" if told else "") == _gpu.nvidia_obstacle()


def test_a_machine_without_the_library_has_no_nvidia_gpu(tmp_path, monkeypatch):
    """A file in its place that is no library stands for a machine without a driver."""
    (tmp_path / "libcuda.so.1").write_text("no library")
    monkeypatch.setenv("LD_LIBRARY_PATH", str(tmp_path))
    monkeypatch.setattr(_gpu, "COUNT", _gpu.COUNT.replace("libcuda.so.1", str(tmp_path / "libcuda.so.1"), 1))

    assert "libcuda.so.1 cannot be loaded" in _gpu.nvidia_obstacle()


def test_a_driver_that_does_not_answer_is_given_up(monkeypatch):
    """A driver that has lost its GPU can hang for ever; the lint must not."""
    monkeypatch.setattr(_gpu, "COUNT", "import time; time.sleep(600)")
    monkeypatch.setattr(_gpu, "TIMEOUT_SECONDS", 1)

    assert "NVIDIA's driver: it gave no answer within 1 s" == _gpu.nvidia_obstacle()


def test_a_driver_that_kills_the_query_has_no_gpu(monkeypatch):
    """Its crash stays in the process that asked."""
    monkeypatch.setattr(_gpu, "COUNT", "import os; os.abort()")

    assert "NVIDIA's driver: the query ended with -6" == _gpu.nvidia_obstacle()


@pytest.mark.parametrize(
    ("nodes", "variables", "told"),
    [
        (["0", "51013"], {}, ""),
        (["0", "51013"], {"HIP_VISIBLE_DEVICES": "0"}, ""),
        (["0"], {}, "AMD's driver: it has no GPU"),
        ([], {}, "AMD's driver: it has no GPU"),
        (["51013"], {"HIP_VISIBLE_DEVICES": "-1"}, "AMD's driver: HIP_VISIBLE_DEVICES or ROCR_VISIBLE_DEVICES hides"),
    ],
)
def test_amds_driver_has_a_gpu_among_its_nodes(tmp_path, monkeypatch, nodes, variables, told):
    """The node of a processor is none, and a hidden GPU cannot be used."""
    for number, identifier in enumerate(nodes):
        (tmp_path / str(number)).mkdir()
        (tmp_path / str(number) / "gpu_id").write_text(identifier + "\n")
    monkeypatch.setattr(_gpu, "KFD", str(tmp_path))
    monkeypatch.setattr(_gpu, "KFD_NODES", str(tmp_path / "*" / "gpu_id"))
    monkeypatch.setattr(_gpu._started, "started_with", lambda name: variables.get(name, "unset"))

    assert _gpu.amd_obstacle().startswith(told)
    assert bool(told) == bool(_gpu.amd_obstacle())


def test_without_its_device_amd_has_no_gpu(tmp_path, monkeypatch):
    """The kernel shows its nodes in every container; the device only where it was given."""
    monkeypatch.setattr(_gpu, "KFD", str(tmp_path / "absent"))

    assert "absent is absent or not open to this user" in _gpu.amd_obstacle()
