"""What the tests of lints plant: variables taken away, distributions, an NVIDIA driver."""

import pytest

NVIDIA_DRIVER_SETUP = """
import os
real = os.path.exists
os.path.exists = lambda path: path == "/proc/driver/nvidia/version" or real(path)
"""
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
def nvidia_device(tmp_path):
    """The path of a set-up file that makes an NVIDIA driver appear to be loaded."""
    path = tmp_path / "driver.py"
    path.write_text(NVIDIA_DRIVER_SETUP)
    return str(path)


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
