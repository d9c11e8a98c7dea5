"""What the tests of lints plant: variables taken away, distributions, the library of NVIDIA's driver."""

import os
import shutil
import subprocess

import pytest

DRIVER = """
int cuInit(unsigned flags) { (void)flags; return %d; }
int cuDeviceGetCount(int *count) { *count = %d; return 0; }
"""
"""The two functions of libcuda that are asked: what the first returns, and how many GPUs there are."""
VARIABLES = (
    "PYTHONHASHSEED",
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "TF_NUM_INTRAOP_THREADS",
    "NPROC",
    "CUBLAS_WORKSPACE_CONFIG",
    "NVIDIA_TF32_OVERRIDE",
    "TF_DETERMINISTIC_OPS",
    "TF_CUDNN_DETERMINISTIC",
    "XLA_FLAGS",
    "NCCL_ALGO",
    "NCCL_PROTO",
)


@pytest.fixture(autouse=True)
def _bare(monkeypatch):
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def cuda_build(tmp_path, monkeypatch):
    """A distribution of CUDA's libraries on PYTHONPATH."""
    folder = tmp_path / "nvidia_cublas_cu12-12.8.4.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: nvidia-cublas-cu12\nVersion: 12.8.4\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))


@pytest.fixture
def nvidia_driver(tmp_path, monkeypatch):
    """Builds the library of a driver that answers so, and puts it in front of this machine's own."""
    if shutil.which("cc") is None:
        pytest.skip("needs a C compiler for the library of a driver")

    def plant(devices=1, error=0):
        folder = tmp_path / f"driver-{devices}-{error}"
        folder.mkdir()
        (folder / "driver.c").write_text(DRIVER % (error, devices))
        command = ["cc", "-shared", "-fPIC", "-o", folder / "libcuda.so.1", folder / "driver.c"]
        subprocess.run(command, check=True)
        monkeypatch.setenv("LD_LIBRARY_PATH", os.pathsep.join([str(folder), os.environ.get("LD_LIBRARY_PATH", "")]))

    return plant


@pytest.fixture
def no_gpu(nvidia_driver):
    """A driver without a GPU: what these tests see does not depend on the machine."""
    nvidia_driver(devices=0, error=100)


@pytest.fixture
def gpu(nvidia_driver):
    """A driver with one GPU."""
    nvidia_driver(devices=1)


@pytest.fixture
def site(tmp_path, monkeypatch):
    """A folder on PYTHONPATH, and a function that plants a distribution there."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.setenv("PYTHONPATH", str(folder))

    def plant(name, version, requires=(), files=None, into=folder, **records):
        metadata = into / f"{name.replace('-', '_')}-{version}.dist-info"
        metadata.mkdir(parents=True)
        lines = [f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}"]
        lines += [f"Requires-Dist: {requirement}" for requirement in requires]
        (metadata / "METADATA").write_text("\n".join(lines) + "\n")
        for record, content in records.items():
            (metadata / record.replace("_json", ".json")).write_text(content)
        if files is not None:
            for path, content in files.items():
                (into / path).parent.mkdir(parents=True, exist_ok=True)
                (into / path).write_text(content)
            rows = [f"{path},sha256=unused,{len(content)}" for path, content in files.items()]
            (metadata / "RECORD").write_text("\n".join(rows) + "\n")
        return metadata

    return plant
