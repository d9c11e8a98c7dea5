"""
From an environment to an image and back: audited, specified, built twice, verified; and refused when a package differs.

JAX on the CPU, in a virtual environment of the system's Python, which is the base image's release: other machines skip.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.engine, pytest.mark.exhaustive, pytest.mark.frameworks]

CHECKS = ("jax-same-seed", "jax-uninitialised", "jax-seed-reaches", "python-hash-seed")
"""Enough values to compare; an audit of all takes two minutes more, here and in the image."""
PACKAGES = ("jax==0.10.2", "jaxlib==0.10.2")
SYSTEM_PYTHON = Path("/usr/bin/python3")
AUDITOR = [str(Path(sys.executable).parent / "auditor")]


def run(*command, expected=0, cwd=None):
    """A command's standard output; its whole output where the exit code is another."""
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False, cwd=cwd)

    assert done.returncode == expected, done.stdout + done.stderr
    return done.stdout


def release(path):
    """VERSION_ID of an os-release file, with the Python's version beside it."""
    lines = (path / "etc" / "os-release").read_text().splitlines()
    return next(line for line in lines if line.startswith("VERSION_ID"))


@pytest.fixture(scope="module")
def environment(engine, tmp_path_factory):
    """A virtual environment with JAX, of the same Python as the base image's."""
    if not SYSTEM_PYTHON.exists() or release(Path("/")) != release(engine.root_folder):
        pytest.skip("the system's Python is not that of the base image: the software would differ by that alone")
    folder = tmp_path_factory.mktemp("environment") / "jax"
    run(SYSTEM_PYTHON, "-m", "venv", folder)
    run(folder / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *PACKAGES)
    return folder


@pytest.fixture(scope="module")
def named(engine):
    """A function that names an image, which is removed at the end."""
    given = []

    def name(purpose):
        given.append(f"auditor-test-{purpose}:{os.getpid()}")
        return given[-1]

    yield name
    for one in reversed(given):
        engine.client.images.remove(one, force=True)


@pytest.fixture(scope="module")
def audited(environment, tmp_path_factory):
    """The audit's folder."""
    folder = tmp_path_factory.mktemp("audit") / "out"
    only = [part for check in CHECKS for part in ("--check", check)]
    done = subprocess.run(
        [*AUDITOR, "audit", "--python", str(environment / "bin" / "python"), "-o", str(folder), "-q", *only],
        capture_output=True,
        check=False,
    )

    assert done.returncode in (0, 1), done.stderr
    return folder


@pytest.fixture(scope="module")
def specification(engine, audited, tmp_path_factory):
    """The specification with its lock, and the wheels beside it: from the index, hash-checked."""
    folder = tmp_path_factory.mktemp("specification") / "container"
    run(*AUDITOR, "container", "lock", audited, "-o", folder, "--base", engine.base, "--wheelhouse")

    assert "--hash=sha256:" in (folder / "requirements.lock").read_text()
    return folder


@pytest.fixture(scope="module")
def image(named, specification, tmp_path_factory):
    """The image, built twice without a cache and a network from the wheels, with equal trees."""
    name = named("rebuilt")
    wheels = tmp_path_factory.mktemp("wheels") / "house"
    shutil.copytree(specification / "wheels", wheels, ignore=shutil.ignore_patterns("README"))
    told = json.loads(
        run(*AUDITOR, "container", "build", specification, "-t", name, "--twice", "--wheelhouse", wheels, "--json")
    )

    assert told["twice"]["differences"] == []
    assert told["twice"]["files"] > 5000
    return name


def test_the_image_gives_the_same_software_and_the_same_bits(audited, image, tmp_path):
    """REBUILT, exit code 0, and a signed manifest about the image that names the first."""
    told = json.loads(run(*AUDITOR, "container", "verify", audited, image, "-o", tmp_path / "answer", "--json", "-q"))

    assert (told["verdict"], told["software"], told["readings"]) == ("rebuilt", {}, {})
    assert told["values"] > 200
    run(*AUDITOR, "verify", tmp_path / "answer")
    manifest = json.loads((tmp_path / "answer" / "manifest.json").read_text())
    assert manifest["predicate"]["rebuilds"][0]["manifestSha256"] == told["manifestSha256"]
    assert any(subject["name"].startswith(("image:", "oci:")) for subject in manifest["subject"])


@pytest.mark.exhaustive
def test_one_package_changed_is_refused_by_its_name(  # noqa: PLR0917 - fixtures
    engine, named, environment, audited, image, tmp_path
):
    """The same image with another release of opt-einsum: not rebuilt, exit code 1, that package alone is named."""
    name = named("changed")
    python = environment / "bin" / "python"
    run(python, "-m", "pip", "download", "--quiet", "--no-deps", "-d", tmp_path / "wheels", "opt_einsum==3.3.0")
    (tmp_path / "Dockerfile").write_text(
        f"FROM {image}\nUSER root\nCOPY wheels /other\nRUN python3 -m pip install --no-index --no-deps --no-compile "
        "--find-links /other opt_einsum==3.3.0\nUSER audited\n"
    )
    engine.client.images.build(path=str(tmp_path), tag=name, network_mode="none")
    told = json.loads(
        run(*AUDITOR, "container", "verify", audited, name, "-o", tmp_path / "answer", "--json", "-q", expected=1)
    )

    assert told["verdict"] == "not-rebuilt"
    assert list(told["software"]) == ["python.distributions/opt-einsum"]
    pair = told["software"]["python.distributions/opt-einsum"]
    assert (pair["manifest"], pair["image"]) == ("3.4.0", "3.3.0")


@pytest.mark.exhaustive
def test_a_patched_file_is_refused_by_its_name(engine, named, audited, image, tmp_path):
    """Every version is the audited one, and one file of a package has another line: not rebuilt."""
    name = named("patched")
    (tmp_path / "Dockerfile").write_text(
        f"FROM {image}\nUSER root\nWORKDIR /opt/audited/lib\n"
        "RUN echo '# patched' | tee -a python3*/site-packages/opt_einsum/paths.py\nUSER audited\n"
    )
    engine.client.images.build(path=str(tmp_path), tag=name, network_mode="none")
    told = json.loads(
        run(*AUDITOR, "container", "verify", audited, name, "-o", tmp_path / "answer", "--json", "-q", expected=1)
    )

    assert told["verdict"] == "not-rebuilt"
    assert all("opt_einsum/paths.py" in changed for changed in told["software"])
    assert told["software"]
