"""Specifications built for real: by a container engine, and an Apptainer definition's steps in a chroot."""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
import subprocess
import zipfile

import audit_example
import definition_reader
import pytest

from auditor.container import specs
from auditor.container.engine import trees

SHA256 = audit_example.PAYLOAD_SHA256
value = audit_example.value
TINY = {"tiny/__init__.py": "", "tiny/inside.py": "import os, sys\nprint(sys.prefix, os.environ['OMP_NUM_THREADS'])\n"}
GPU = {
    "torch.build.cuda": value("13.0"),
    "python.distributions": value({"tiny": {"version": "1.0"}, "nvidia-cublas": {"version": "1.0"}}),
}


def wheel(folder, name):
    """A wheel of pure Python, made here: builds need no index."""
    files = {
        **{path.replace("tiny", name, 1): text for path, text in TINY.items()},
        f"{name}-1.0.dist-info/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
        f"{name}-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = ""
    for path, text in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")
        record += f"{path},sha256={digest},{len(text)}\n"
    files[f"{name}-1.0.dist-info/RECORD"] = record + f"{name}-1.0.dist-info/RECORD,,\n"
    with zipfile.ZipFile(folder / f"{name}-1.0-py3-none-any.whl", "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)


def written(folder, choices=None, **facts):
    """A specification of the tiny package, with its wheels, in a folder."""
    found = {
        **audit_example.FACTS,
        "python.version": value("3.11.2"),
        "python.distributions": value({"tiny": {"version": "1.0"}}),
        "env": value({"OMP_NUM_THREADS": "3", "OMP_DISPLAY_ENV": "$(id) `id` 'x' \"y\" \\ {{ z }}"}),
        **{key.replace("__", "."): one for key, one in facts.items()},
    }
    manifest = audit_example.manifest(facts=found, findings=[])
    for path, text in specs.files(manifest, SHA256, choices=choices).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    for name in ("tiny", "nvidia_cublas"):
        wheel(folder / "wheels", name)
    return folder


def ran(client, image, *command):
    """What a command in a container of the image wrote: stdout and stderr, apart."""
    container = client.containers.create(image, [*command], network_mode="none")
    try:
        container.start()
        assert container.wait()["StatusCode"] == 0, container.logs()
        return container.logs(stderr=False).decode(), container.logs(stdout=False).decode()
    finally:
        container.remove(force=True)


@pytest.mark.engine
@pytest.mark.exhaustive
def test_an_image_holds_what_was_audited_and_says_what_the_host_lacks(engine, image_name, tmp_path):
    """Two builds without a network are equal file by file; the user, the variables and the driver's check are there."""
    folder = written(tmp_path, specs.Choices(base=engine.base), **GPU)
    found = []
    for number in (1, 2):
        tag = f"{image_name}:{number}"
        engine.client.images.build(
            path=str(folder), tag=tag, nocache=True, network_mode="none", buildargs={"PIP_NO_INDEX": "1"}, rm=True
        )
        found.append(trees.tree(engine.client, tag))
    out, err = ran(engine.client, f"{image_name}:1", "python3", "-m", "tiny.inside")
    listed, _ = ran(engine.client, f"{image_name}:1", "sh", "-c", "id -u; printenv OMP_DISPLAY_ENV; ls /opt")

    assert trees.differences(*found) == []
    assert out == "/opt/audited 3\n"
    assert "no NVIDIA driver is visible" in err
    assert listed.splitlines() == ["10001", "$(id) `id` 'x' \"y\" \\ {{ z }}", "audited"]
    assert not [path for path in found[0] if path.strip("/").startswith(("spec", "tools"))]


@pytest.mark.engine
@pytest.mark.slow
@pytest.mark.exhaustive
def test_a_base_with_another_python_is_refused_with_a_sentence(engine, image_name, tmp_path):
    """Better than pip's "no matching distribution"."""
    folder = written(tmp_path, specs.Choices(base=engine.base), python__version=value("3.13.1"))
    client = engine.client.api
    stream = client.build(path=str(folder), tag=image_name, nocache=True, network_mode="none", decode=True, rm=True)
    text = "".join(line.get("stream", "") + line.get("error", "") for line in stream)

    assert "This base holds Python 3.11, the audited one is 3.13" in text
    assert "returned a non-zero code" in text


@pytest.mark.engine
@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="chroot needs root")
@pytest.mark.exhaustive
def test_the_steps_of_a_definition_make_the_same_environment_in_a_chroot(engine, tmp_path):
    """Apptainer itself is not packaged for Debian: %files, %post, %environment and %runscript are run by hand."""
    folder, root = written(tmp_path / "spec", **GPU), tmp_path / "root"
    subprocess.run(["cp", "-a", "--reflink=auto", engine.root_folder, root], check=True)
    definition = definition_reader.definition((folder / "apptainer.def").read_text())
    for source, target in definition.files:
        place = root / target.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        copy = shutil.copytree if (folder / source).is_dir() else shutil.copy
        copy(folder / source, place)
    environment = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "PIP_NO_INDEX": "1"}
    chroot = ["chroot", root, "/bin/sh"]
    subprocess.run([*chroot, "-c", definition.sections["post"]], env=environment, check=True, capture_output=True)
    placed = [*(root / "opt").rglob("*"), root / "usr/local/bin/check-driver"]
    times = {int(path.lstat().st_mtime) for path in placed}
    script = definition.sections["environment"] + definition.sections["runscript"]
    command = [*chroot, "-c", script, "sh", "python3", "-m", "tiny.inside"]
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)

    assert done.stdout == "/opt/audited 3\n"
    assert "no NVIDIA driver is visible" in done.stderr
    assert not (root / "spec").exists()
    assert not (root / "tools").exists()
    assert times == {1795348845}
