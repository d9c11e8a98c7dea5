"""GPUs in specifications: wheels or a base with CUDA, until when that base is there, and the driver of the host."""

from __future__ import annotations

import json
import re
import subprocess

import audit_example
import docker_reader
import pytest

from auditor.container import specs
from auditor.container.specs.tables import table

SHA256 = audit_example.PAYLOAD_SHA256
value = audit_example.value
OUTSIDE = value([{"path": "/usr/local/cuda/lib64/libcudart.so.12"}, {"path": "libcudnn.so.9"}])
INSIDE = value([{"path": "nvidia/cublas/lib/libcublas.so.12"}, {"path": "/usr/lib/x86_64-linux-gnu/libcuda.so.1"}])


def manifest(cuda="12.8", python="3.12.11", *, finished_on="2026-11-22T12:00:45Z", **facts):
    """The example with a torch for this CUDA."""
    found = {
        "torch.build.cuda": value(cuda),
        "python.version": value(python),
        "python.distributions": value({"torch": {"version": "2.13.0"}}),
    }
    named = {key.replace("_", "."): one for key, one in facts.items()}
    return audit_example.manifest(facts={**audit_example.FACTS, **found, **named}, finished_on=finished_on)


def base(manifest, **choices):
    """The image behind FROM."""
    files = specs.files(manifest, SHA256, choices=specs.Choices(**choices))
    return docker_reader.dockerfile(files["Dockerfile"]).all("FROM")[1]


def told(manifest, beginning, **choices):
    """The notes that begin so."""
    return [note for note in specs.notes(manifest, specs.Choices(**choices)) if note.startswith(beginning)]


@pytest.mark.parametrize(
    "facts",
    [
        {"torch_libraries_loaded": INSIDE},
        {"python_distributions": value({"torch": {"version": "2"}, "nvidia-cublas-cu12": {"version": "12.8"}})},
    ],
)
def test_wheels_that_bring_cuda_need_no_base_with_it(facts):
    """By what was loaded or by what is installed; and the specification says so."""
    found = manifest(**facts)

    assert base(found) == "python:3.12.11-slim-bookworm"
    assert "GPU: wheels bring CUDA's libraries, so a base without CUDA is enough." in specs.notes(found)


@pytest.mark.parametrize(
    ("cuda", "python", "image"),
    [
        ("12.8", "3.12.11", "nvidia/cuda:12.8.1-cudnn-runtime-ubuntu24.04"),
        ("12.8", "3.10.2", "nvidia/cuda:12.8.1-cudnn-runtime-ubuntu22.04"),
        ("12.7", "3.12.11", "nvidia/cuda:12.8.1-cudnn-runtime-ubuntu24.04"),
        ("12.3", "3.10.2", "nvidia/cuda:12.3.2-cudnn9-runtime-ubuntu22.04"),
        ("11.8", "3.8.19", "nvidia/cuda:11.8.0-cudnn8-runtime-ubuntu20.04"),
        ("13.1", "3.12.11", "nvidia/cuda:13.1.0-runtime-ubuntu24.04"),
    ],
)
def test_cuda_outside_the_environment_takes_a_base_that_has_it(cuda, python, image):
    """The image of the release, else of the next minor one; the Ubuntu whose Python is the audited one; python3 too."""
    found = manifest(cuda, python, torch_libraries_loaded=OUTSIDE)
    docker = docker_reader.dockerfile(specs.files(found, SHA256)["Dockerfile"])

    assert docker.all("FROM") == [f"{image} AS build", image]
    assert "install --yes --no-install-recommends python3 python3-venv;" in docker.all("RUN")[0]
    assert "install --yes --no-install-recommends python3;" in docker.all("RUN")[1]
    assert told(found, "OTHER SYSTEM: nvidia/cuda")


def test_a_python_that_no_such_base_holds_is_said():
    """Ubuntu 24.04 has 3.12: wheels for 3.11 do not install there, and the build stops with a sentence."""
    found = manifest(python="3.11.9", torch_libraries_loaded=OUTSIDE)

    assert told(found, "OTHER PYTHON: the audited one is 3.11")
    assert 'if found == "3.11" else' in specs.files(found, SHA256)["Dockerfile"]


@pytest.mark.parametrize("cuda", ["99.0", "10.2", "13.9"])
def test_cuda_that_is_not_in_the_table_changes_no_base(cuda):
    """Nothing is made up."""
    found = manifest(cuda, torch_libraries_loaded=OUTSIDE)

    assert base(found) == "python:3.12.11-slim-bookworm"
    assert told(found, f"GPU: no base for CUDA {cuda}")


@pytest.mark.parametrize("cuda", ["13.0\nUSER root", "$(id)", "12.8 --platform=x", 13])
def test_cuda_that_is_no_release_changes_nothing(cuda):
    """Neither base nor driver; text is named in escaped form."""
    found = manifest(cuda, torch_libraries_loaded=OUTSIDE)
    files = specs.files(found, SHA256)

    assert base(found) == "python:3.12.11-slim-bookworm"
    assert "check-driver" not in files
    assert all("\nUSER root" not in text for name, text in files.items() if name != "Dockerfile")


@pytest.mark.parametrize(
    ("audited", "cuda", "expected"),
    [
        ("2026-01-31T00:00:00Z", "12.8", "GPU: support of this base ends in 2026-02"),
        ("2026-02-01T00:00:00Z", "12.8", "REMOVED: support of this base ended in 2026-02"),
        ("2026-11-22T00:00:00Z", "13.0", "GPU: support of this base ends in 2028-06"),
        ("2026-11-22T00:00:00Z", "12.4", "REMOVED: support of this base had ended by 2025-08"),
    ],
)
def test_an_old_base_is_warned_of(audited, cuda, expected):
    """Against the audit's own date: NVIDIA removes tags six months after the end."""
    found = manifest(cuda, torch_libraries_loaded=OUTSIDE, finished_on=audited)

    assert [note for note in specs.notes(found) if note.startswith(expected)]


def test_another_cudnn_is_told():
    """Torch tells 91002 for 9.10.2; the image of 12.8 holds 9.8."""
    found = manifest(torch_libraries_loaded=OUTSIDE, torch_cudnn_version=value(91002))
    same = manifest(torch_libraries_loaded=OUTSIDE, torch_cudnn_version=value(90800))

    assert told(found, "OTHER BUILD: the audited cuDNN is 9.10.2, this base holds 9.8.0.87")
    assert not told(same, "OTHER BUILD")


def test_jax_names_its_cuda_by_its_plugins():
    """It has no fact of its own for the release."""
    found = {"python.distributions": value({"jax": "0.10.2", "jax-cuda12-pjrt": "0.10.2", "nvidia-cublas-cu12": "12"})}
    notes = specs.notes(audit_example.manifest(facts={**audit_example.FACTS, **found}))

    assert "GPU: the audited jax has plugins for CUDA 12." in notes
    assert any(note.startswith("DRIVER: the host needs NVIDIA's driver 525.60.13 or newer") for note in notes)


def test_frameworks_that_disagree_are_named():
    """One image has one CUDA outside its wheels."""
    found = manifest("12.8", tensorflow_build_cuda=value("11.8"))

    assert told(found, "CONFLICT: the audited frameworks were built for CUDA 11 and 12")


def test_one_of_nvidias_images_by_digest_still_gets_python():
    """`container lock` resolves the tag that the facts choose: nothing else changes."""
    found = manifest(torch_libraries_loaded=OUTSIDE)
    name = specs.base_of(found).partition(":")[0]
    by_digest = specs.files(found, SHA256, choices=specs.Choices(base=f"{name}@sha256:{'a' * 64}"))["Dockerfile"]
    docker = docker_reader.dockerfile(by_digest)

    assert docker.all("FROM")[1] == f"nvidia/cuda@sha256:{'a' * 64}"
    assert "install --yes --no-install-recommends python3;" in docker.all("RUN")[1]
    assert docker.pairs("LABEL")["org.opencontainers.image.base.name"] == specs.base_of(found)
    assert "UNPINNED: the tag" not in by_digest


def test_a_base_of_ones_own_is_taken_as_it_is():
    """It is the user's word that it holds Python and CUDA."""
    chosen = f"registry.example.org/mine@sha256:{'b' * 64}"
    found = manifest(torch_libraries_loaded=OUTSIDE)

    assert base(found, base=chosen) == chosen
    assert "apt-get" not in specs.files(found, SHA256, choices=specs.Choices(base=chosen))["Dockerfile"]


def test_the_driver_is_checked_at_the_start():
    """An entry point in images, in Apptainer's runscript and in devcontainer.json; nowhere without a GPU."""
    files = specs.files(manifest(torch_libraries_loaded=INSIDE), SHA256)
    plain = specs.files(audit_example.manifest(), SHA256)
    docker = docker_reader.dockerfile(files["Dockerfile"])

    assert docker.all("ENTRYPOINT") == ['["/usr/local/bin/check-driver"]']
    assert 'exec /usr/local/bin/check-driver "${@:-python3}"' in files["apptainer.def"]
    assert json.loads(files[".devcontainer/devcontainer.json"])["hostRequirements"] == {"gpu": True}
    assert not any("check-driver" in text for text in plain.values())
    assert not any("HEALTHCHECK" in text for text in files.values())


@pytest.mark.parametrize(
    ("cuda", "content", "expected"),
    [
        (
            "12.8",
            "NVRM version: NVIDIA UNIX x86_64 Kernel Module  525.60.11  Tue Nov 8 00:00:00 UTC 2022",
            "older than",
        ),
        (
            "12.8",
            "NVRM version: NVIDIA UNIX x86_64 Kernel Module  470.82.01  Wed Oct 27 21:21:55 UTC 2021",
            "older than",
        ),
        ("12.8", "NVRM version: NVIDIA UNIX x86_64 Kernel Module  525.60.13  Wed Nov 30 06:39:21 UTC 2022", ""),
        ("13.0", "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  580.65.06  Release Build", ""),
        ("13.0", "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  575.57.08  Release Build", "older than"),
        ("11.8", "NVRM version: NVIDIA UNIX x86_64 Kernel Module  1080.5.1  Wed Nov 30 06:39:21 UTC 2031", ""),
        ("12.8", "something else", "names no driver release"),
        ("12.8", None, "no NVIDIA driver is visible"),
    ],
)
def test_check_driver_says_what_is_wrong_and_runs_the_command(tmp_path, cuda, content, expected):
    """A real shell runs it with a driver file of ours; the command runs in any case, with its own exit code."""
    script = tmp_path / "check-driver"
    script.write_text(specs.files(manifest(cuda, torch_libraries_loaded=INSIDE), SHA256)["check-driver"])
    script.chmod(0o755)
    driver = tmp_path / "version"
    if content is not None:
        driver.write_text(content + "\nGCC version:  gcc version 12.2.0 (Debian 12.2.0-14)\n")
    environment = {"PATH": "/usr/bin:/bin", "AUDITED_DRIVER_FILE": str(driver)}
    command = [script, "sh", "-c", 'printf %s "$1"; exit 7', "sh", "a b"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout) == (7, "a b")
    assert (expected in done.stderr) if expected else done.stderr == ""


def test_the_table_is_whole():
    """Every image names a branch and Ubuntu releases of the table, and every major version a driver."""
    bases = table("bases")
    cudas = [image["cuda"] for image in bases["image"]]

    assert len(cudas) == len(set(cudas))
    for image in bases["image"]:
        assert image["driver"] in bases["driver_branch"]
        assert set(image["ubuntu"]) <= bases["ubuntu"].keys()
        assert image["cuda"].split(".")[0] in bases["minimum_driver"]
        assert ("cudnn" in image["flavour"]) == ("cudnn" in image)
    for branch in bases["driver_branch"].values():
        assert re.fullmatch(r"20[0-9]{2}-(0[1-9]|1[0-2])", *branch.values())
