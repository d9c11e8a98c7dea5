"""Facts of accelerators, memory, network, jobs, caches and installed files: planted trees, and other tools."""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from asking import errors, facts, values
from support import AUDITED

from checks.declare import NotApplicable
from checks.fact import Unknown
from checks.facts import _cloud, _elf, _image, _imex, _limits, _network, _prefetchers, accelerators, job, machine


def test_a_limit_is_waited_for_once_and_is_unknown():
    """A file of a dead drive never answers: the fact says so, and the audit goes on."""
    started = time.monotonic()
    with pytest.raises(Unknown, match=r"no answer within 0\.2 s"):
        _limits.within(time.sleep, 60, seconds=0.2)

    assert time.monotonic() - started < 2


def test_a_limit_changes_no_answer():
    """Values and exceptions pass as they are."""
    assert _limits.within(sum, [1, 2]) == 3
    with pytest.raises(NotApplicable, match="none"):
        _limits.within(_refuse)


def _refuse():
    raise NotApplicable("none")


def test_a_command_that_floods_its_output_ends_at_its_limit():
    """Output is taken as it comes, and a command that never stops is killed with its children."""
    seen = []
    with pytest.raises(Unknown, match="longer than"):
        _limits.output(["/bin/sh", "-c", "while :; do echo x; done"], dict(os.environ), seen.append, seconds=0.5)

    assert seen


def test_build_ids_and_links_are_those_of_readelf():
    """Read from the same files by another program."""
    if shutil.which("readelf") is None:
        pytest.skip("readelf is the oracle, and is not installed")
    told = values(facts("torch_after", framework="torch"))
    paths = dict(
        zip((one["library"] for one in told["torch.libraries.loaded"]), told["torch.libraries.paths"], strict=True)
    )
    assert "libtorch_cpu.so" in paths
    for one in told["torch.libraries.loaded"]:
        path = paths[one["library"]]
        notes = subprocess.run(["readelf", "-n", path], capture_output=True, text=True, check=False).stdout
        linked = subprocess.run(["readelf", "-d", path], capture_output=True, text=True, check=True).stdout
        needed = sorted(line.split("[")[1].rstrip("]") for line in linked.splitlines() if "(NEEDED)" in line)
        build_ids = [line.split()[-1] for line in notes.splitlines() if "Build ID:" in line]

        assert _elf.described(path) == (build_ids[0] if build_ids else "", needed)
        assert one.get("build_id", "") == (build_ids[0] if build_ids else "")
        assert told["torch.libraries.linked"][one["library"]] == needed


@pytest.mark.parametrize("content", [b"", b"\x7fELF", b"#!/bin/sh\n", b"\x7fELF\x01\x01" + bytes(200)])
def test_other_files_are_no_elf(tmp_path, content):
    """A text, a torn file and a 32-bit library are unknown, never a wrong answer."""
    (tmp_path / "file").write_bytes(content)
    with pytest.raises(Unknown):
        _elf.described(tmp_path / "file")


def test_a_hostile_elf_ends(tmp_path):
    """Random bytes behind a true beginning give an answer or an error in time, and no endless loop."""
    content = bytearray(Path(AUDITED).read_bytes()[: 1 << 16])
    for place in range(64, 4096, 7):
        content[place] ^= 0xFF
    (tmp_path / "file").write_bytes(content)
    started = time.monotonic()
    with contextlib.suppress(Unknown):
        _elf.described(tmp_path / "file")

    assert time.monotonic() - started < 5


def _resized(tmp_path, monkeypatch):
    info = tmp_path / "patched-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Name: patched\nVersion: 1\n\n")
    (tmp_path / "kept.py").write_text("1\n")
    (tmp_path / "edited.py").write_text("longer\n")
    rows = ("kept.py,sha256=x,2", "edited.py,sha256=x,2", "gone.py,sha256=x,2", "patched-1.dist-info/RECORD,,")
    rows += ("__pycache__/kept.pyc,sha256=x,2", "patched-1.dist-info/INSTALLER,sha256=x,2")
    (info / "RECORD").write_text("\n".join(rows) + "\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))


def test_files_of_another_size_are_seen_by_default(tmp_path, monkeypatch):
    """A patched file nearly always has another length, which costs no hashing to see."""
    _resized(tmp_path, monkeypatch)
    found = values(facts("installed", python=sys.executable))["python.distributions.resized"]

    assert [line for line in found if "edited" in line or "gone" in line] == [
        "edited.py: 7 byte, not 2",
        "gone.py: gone",
    ]
    assert not [line for line in found if "kept" in line or "INSTALLER" in line]


def _wheel(folder, content="x", scripts="a", extra=""):
    """A distribution's RECORD as an installer leaves it."""
    info = folder / "patched-1.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Name: Patched\nVersion: 1\n\n")
    rows = [f"kept.py,sha256={content},2", "patched-1.dist-info/METADATA,sha256=m,9", "patched-1.dist-info/RECORD,,"]
    rows += [f"../../bin/run,sha256={scripts},9", f"patched-1.dist-info/INSTALLER,sha256={scripts},4", extra]
    (info / "RECORD").write_text("\n".join(rows) + "\n")


def test_a_wheels_files_have_one_digest_wherever_it_is_installed(tmp_path, monkeypatch):
    """Scripts name their interpreter and installers add files: neither counts. One file of another content does."""
    _wheel(tmp_path / "a")
    _wheel(tmp_path / "b", scripts="b", extra="__pycache__/kept.cpython-311.pyc,,")
    _wheel(tmp_path / "c", content="y")
    found = {}
    for name in "abc":
        monkeypatch.setenv("PYTHONPATH", str(tmp_path / name))
        told = values(facts("installed", python=sys.executable))["python.distributions.records"]
        found[name] = told["patched"]

    assert found["a"] == found["b"] != found["c"]


def test_a_shallow_probe_does_not_wait_for_sizes():
    """It says so instead of being silent."""
    assert facts("installed", context={"shallow": True})["python.distributions.resized"].state == "unknown"


def test_the_audited_environment_is_as_it_was_installed():
    """No file of the three frameworks has another size than its wheel recorded."""
    assert values(facts("installed"))["python.distributions.resized"] == []


def _tree(root, content):
    for name, text in content.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + "\n")


def test_error_correction_is_read_of_every_module(tmp_path, monkeypatch):
    """Modes once each, errors summed over the controllers."""
    _tree(
        tmp_path,
        {
            "mc0/ce_count": "3",
            "mc0/ue_count": "0",
            "mc0/dimm0/dimm_edac_mode": "SECDED",
            "mc0/dimm1/dimm_edac_mode": "SECDED",
            "mc1/ce_count": "4",
            "mc1/ue_count": "1",
            "mc1/rank0/dimm_edac_mode": "S4ECD4ED",
        },
    )
    monkeypatch.setattr(machine, "EDAC", str(tmp_path))
    found = dict(machine.collect({}))

    assert found["host.memory.ecc.modes"]["value"] == ["S4ECD4ED", "SECDED"]
    assert found["host.memory.ecc.corrected"]["value"] == 7
    assert found["host.memory.ecc.uncorrected"]["value"] == 1


def test_infiniband_adapters_are_read_and_their_identity_apart(tmp_path, monkeypatch):
    """Firmware, board and ports are of the machine; the GUID is an identity."""
    _tree(
        tmp_path,
        {
            "mlx5_0/fw_ver": "28.39.1002",
            "mlx5_0/hca_type": "MT4129",
            "mlx5_0/board_id": "MT_0000000838",
            "mlx5_0/node_guid": "0000:0000:fa4e:0000",
            "mlx5_0/ports/1/rate": "400 Gb/sec (4X NDR)",
            "mlx5_0/ports/1/state": "4: ACTIVE",
            "mlx5_0/ports/1/link_layer": "InfiniBand",
        },
    )
    monkeypatch.setattr(_network, "INFINIBAND", str(tmp_path))
    found = dict(machine.collect({}))

    assert found["host.network.infiniband"]["value"] == {
        "mlx5_0": {
            "fw_ver": "28.39.1002",
            "hca_type": "MT4129",
            "board_id": "MT_0000000838",
            "port 1": "400 Gb/sec (4X NDR), 4: ACTIVE, InfiniBand",
        }
    }
    assert "fa4e" in str(found["host.network.infiniband.identities"]["value"])


def _cloud_of(tmp_path, monkeypatch, left=None, **firmware):
    """The three facts on a machine with that file of cloud-init's and those fields of the firmware."""
    _tree(tmp_path, firmware)
    for name, path in (("CLOUD_INIT", tmp_path / "left.json"), ("HYPERVISOR", tmp_path / "uuid")):
        monkeypatch.setattr(_cloud, name, str(path))
    monkeypatch.setattr(_cloud, "DMI", f"{tmp_path}/")
    if left:
        (tmp_path / "left.json").write_text(json.dumps(left))
    found = dict(machine.collect({}))
    return [found["host.cloud." + name].get("value") for name in ("name", "region", "instance_type")]


@pytest.mark.parametrize(
    ("data", "instance_type"),
    [
        ({"meta_data": {"instance_type": "p5.48xlarge"}}, "p5.48xlarge"),
        ({"meta_data": {"imds": {"compute": {"vmSize": "Standard_ND96isr_H100_v5"}}}}, "Standard_ND96isr_H100_v5"),
        ({"meta_data": {"instance_type": {"not": "a text"}}}, None),
        ([], None),
    ],
)
def test_the_cloud_is_what_the_machine_was_started_with(tmp_path, monkeypatch, data, instance_type):
    """cloud-init's standardised keys, and the clouds' own for the type, which has no standardised one; no network."""
    left = {"v1": {"cloud_name": "aws", "region": "eu-west-1"}, "ds": data}

    assert _cloud_of(tmp_path, monkeypatch, left) == ["aws", "eu-west-1", instance_type]


@pytest.mark.parametrize(
    ("firmware", "expected"),
    [
        ({"sys_vendor": "Amazon EC2", "product_name": "g5.xlarge"}, ["aws", None, "g5.xlarge"]),
        ({"sys_vendor": "Xen", "product_name": "HVM domU", "uuid": "ec2e1916-9099"}, ["aws", None, None]),
        ({"sys_vendor": "Google", "product_name": "Google Compute Engine"}, ["gce", None, None]),
        (
            {"sys_vendor": "Microsoft Corporation", "product_name": "Virtual Machine"}
            | {"chassis_asset_tag": "7783-7084-3265-9085-8269-3286-77"},
            ["azure", None, None],
        ),
        ({"sys_vendor": "Microsoft Corporation", "product_name": "Virtual Machine"}, [None, None, None]),
        ({"sys_vendor": "Dell Inc.", "product_name": "PowerEdge XE9680"}, [None, None, None]),
        ({}, [None, None, None]),
    ],
)
def test_the_firmware_names_a_cloud_and_on_ec2_the_type(tmp_path, monkeypatch, firmware, expected):
    """Google and Azure write the same words into every machine, and Hyper-V at home is not Azure: never guessed."""
    assert _cloud_of(tmp_path, monkeypatch, **firmware) == expected


DIGEST = "sha256:" + "ab" * 32
OTHER = "sha256:" + "cd" * 32
IMAGE = ("host.container.image", "host.container.image_id", "host.container.image_digest")


@pytest.fixture
def image(tmp_path, monkeypatch):
    """The three facts of the image, inside a container of Docker in which these files and variables are."""

    def read(variables=(), runtime="docker", **files):
        for name in (*_image.NAMED, *_image.IMAGE_FILES, "OTEL_RESOURCE_ATTRIBUTES", "ECS_CONTAINER_METADATA_FILE"):
            monkeypatch.delenv(name, raising=False)
        for name, value in dict(variables).items():
            monkeypatch.setenv(name, value.replace("HERE", str(tmp_path)))
        _tree(tmp_path, files)
        monkeypatch.setattr(_image, "PODMAN", f"{tmp_path}/podman")
        monkeypatch.setattr(_image, "POD_ANNOTATIONS", f"{tmp_path}/annotations")
        monkeypatch.setattr(machine._image._container, "runtime", lambda: runtime)
        return dict(machine.collect({}))

    return read


@pytest.mark.parametrize(
    ("variables", "files", "expected"),
    [
        (
            {},
            {"podman": f'engine="podman-5.3.0"\nimage="docker.io/library/debian:12"\nimageid="{"0f" * 32}"'},
            ["docker.io/library/debian:12", "sha256:" + "0f" * 32, None],
        ),
        (
            {"ECS_CONTAINER_METADATA_FILE": "HERE/ecs"},
            {"ecs": json.dumps({"ImageID": DIGEST, "ImageName": "repo/train:1"})},
            ["repo/train:1", DIGEST, None],
        ),
        ({"ECS_CONTAINER_METADATA_FILE": "HERE/ecs"}, {"ecs": '{"MetadataFileStatus": '}, [None, None, None]),
        (
            {"OTEL_RESOURCE_ATTRIBUTES": f"service.name=x,oci.manifest.digest={DIGEST},container.image.name=repo%2Ft"},
            {},
            ["repo/t", None, DIGEST],
        ),
        (
            {"OTEL_RESOURCE_ATTRIBUTES": f"container.image.id={OTHER},container.image.repo_digests=a/b@{DIGEST}"},
            {},
            ["a/b", OTHER, DIGEST],
        ),
        (
            {},
            {"annotations": f'resource.opentelemetry.io/oci.manifest.digest="{DIGEST}"\noci.manifest.digest="{OTHER}"'},
            [None, None, DIGEST],
        ),
        ({"WANDB_DOCKER": f"repo/train@{DIGEST}"}, {}, ["repo/train", None, DIGEST]),
        ({"JUPYTER_IMAGE": "quay.io/jupyter/scipy:2026"}, {}, ["quay.io/jupyter/scipy:2026", None, None]),
        ({"CI_JOB_IMAGE": "python:3.13"}, {}, ["python:3.13", None, None]),
        ({"APPTAINER_CONTAINER": "/scratch/train.sif"}, {}, ["/scratch/train.sif", None, None]),
        (
            {"WANDB_DOCKER": f"x@{OTHER}", "OTEL_RESOURCE_ATTRIBUTES": f"oci.manifest.digest={DIGEST}"},
            {},
            ["x", None, DIGEST],
        ),
        ({"WANDB_DOCKER": "x@sha256:short"}, {}, ["x@sha256:short", None, None]),
    ],
)
def test_an_image_is_what_the_runtime_tells_or_somebody_declares(image, variables, files, expected):
    """Identifier and manifest's digest are two facts; runtimes come before declarations, and each source is named."""
    found = image(variables, **files)

    assert [found[key].get("value") for key in IMAGE] == expected
    for key, value in zip(IMAGE, expected, strict=True):
        sources = [*(f"${name}" for name in variables), _image.PODMAN, _image.POD_ANNOTATIONS]
        assert value is None or found[key]["source"] in sources


def test_docker_tells_a_container_nothing_of_its_image(image):
    """Unknown, with what the user can do about it; outside of a container not applicable."""
    inside, outside = image(), image(runtime="")

    assert {inside[key]["state"] for key in IMAGE} == {"unknown"}
    assert "docker tells a container nothing" in inside[IMAGE[2]]["reason"]
    assert "--subject oci:NAME@sha256:DIGEST" in inside[IMAGE[2]]["reason"]
    assert {outside[key]["state"] for key in IMAGE} == {"not-applicable"}


def _msr(tmp_path, monkeypatch, registers, vendor="GenuineIntel"):
    """The fact on a machine of that maker whose processors hold these registers, in the place of the msr module."""
    for number, value in enumerate(registers):
        path = tmp_path / str(number) / "msr"
        path.parent.mkdir()
        path.write_bytes(bytes(_prefetchers.REGISTER) + value.to_bytes(8, "little"))
    monkeypatch.setattr(_prefetchers, "MSR", f"{tmp_path}/%s/msr")
    monkeypatch.setattr(_prefetchers._cpu, "field", lambda *_: vendor)
    return dict(machine.collect({}))["host.cpu.prefetchers"]


def test_prefetchers_are_read_of_every_processor(tmp_path, monkeypatch):
    """A set bit switches one off; processors that differ are counted."""
    assert _msr(tmp_path, monkeypatch, [0b0001, 0b1001])["value"] == {
        "L2 stream": "off",
        "L2 adjacent line": "on",
        "L1 next line": "on",
        "L1 instruction pointer": "on 1, off 1",
    }


def test_a_register_that_cannot_be_read_is_unknown_with_its_reason(tmp_path, monkeypatch):
    """Without the module, and where the kernel refuses; other makers have no such register."""
    without = _msr(tmp_path, monkeypatch, [])
    monkeypatch.setattr(_prefetchers.os, "pread", _refuse_to_read)
    refused = _msr(tmp_path, monkeypatch, [0])
    other = _msr(tmp_path / "other", monkeypatch, [], "AuthenticAMD")

    assert (without["state"], refused["state"], other["state"]) == ("unknown", "unknown", "not-applicable")
    assert "msr module" in without["reason"]
    assert "only root" in refused["reason"]


def _refuse_to_read(*_):
    raise PermissionError(1, "Operation not permitted")


def test_imex_is_its_channels_and_how_many_nodes(tmp_path, monkeypatch):
    """The nodes' addresses stay where they are."""
    monkeypatch.setattr(_imex, "DEVICES", f"{tmp_path}/devices")
    monkeypatch.setattr(_imex, "CHANNELS", f"{tmp_path}/channels")
    monkeypatch.setattr(_imex, "NODES", f"{tmp_path}/nodes.cfg")
    without = dict(accelerators.collect({}))["accelerators.imex"]
    _tree(tmp_path, {"devices": "Character devices:\n234 nvidia-caps-imex-channels"})
    driver = dict(accelerators.collect({}))["accelerators.imex"]
    _tree(
        tmp_path, {"channels/channel0": "", "channels/channel12": "", "nodes.cfg": "# rack\n10.23.45.6\n10.23.45.7\n"}
    )
    full = dict(accelerators.collect({}))["accelerators.imex"]

    assert without["state"] == "not-applicable"
    assert driver["value"] == {"channels": [], "nodes": None}
    assert full["value"] == {"channels": [0, 12], "nodes": 2}


def test_drivers_and_firmware_of_network_cards_are_those_that_ethtool_shows():
    """The same request by another program; cards without a device of their own are left out."""
    found = dict(machine.collect({}))["host.network.firmware"]
    cards = sorted(path.parent.parent.name for path in Path("/sys/class/net").glob("*/device/driver"))
    if not cards:
        assert found["state"] == "not-applicable"
        return
    assert sorted(found["value"]) == cards
    for name in cards:
        driver = (Path("/sys/class/net") / name / "device" / "driver").resolve().name
        assert found["value"][name].startswith(driver + " ")
        if shutil.which("ethtool"):
            shown = subprocess.run(["ethtool", "-i", name], capture_output=True, text=True, check=True).stdout
            told = dict(line.split(": ", 1) for line in shown.splitlines() if ": " in line)
            assert told["version"].strip() in found["value"][name]
            assert told["firmware-version"].strip() in found["value"][name]


def test_driver_information_is_read_from_the_places_that_the_kernel_writes(monkeypatch):
    """Version and firmware of `struct ethtool_drvinfo`, written where the request points to; hostile bytes are text."""
    import ctypes
    import fcntl
    import struct

    def answer(_, number, request):
        assert number == 0x8946
        name, address = struct.unpack("16sP16x", request)
        assert name.rstrip(b"\0") == b"enp1s0"
        told = struct.pack("I32s32s32s", 3, b"mlx5_core", b"6.8.0", b"28.39.1002 (MT_0838)\xff")
        ctypes.memmove(address, told, len(told))

    monkeypatch.setattr(fcntl, "ioctl", answer)

    assert _network._told_by_driver("enp1s0") == ("6.8.0", "28.39.1002 (MT_0838)\ufffd")


def test_accelerators_without_a_driver_are_seen_on_the_bus(tmp_path, monkeypatch):
    """A card that no driver has taken is there; a network card is none."""
    _tree(
        tmp_path,
        {
            "0000:01:00.0/class": "0x030200",
            "0000:01:00.0/vendor": "0x10de",
            "0000:01:00.0/device": "0x2330",
            "0000:02:00.0/class": "0x020000",
            "0000:02:00.0/vendor": "0x1af4",
            "0000:02:00.0/device": "0x1000",
        },
    )
    monkeypatch.setattr(accelerators, "PCI", str(tmp_path))

    assert dict(accelerators.collect({}))["accelerators.pci"]["value"] == ["0x030200 0x10de:0x2330"]


def test_devices_of_the_rocm_driver_are_counted_without_processors(tmp_path, monkeypatch):
    """The driver lists processors too, with the identifier 0."""
    _tree(tmp_path, {"0/gpu_id": "0", "1/gpu_id": "4711", "2/gpu_id": "4712"})
    monkeypatch.setattr(accelerators, "KFD", str(tmp_path))

    assert dict(accelerators.collect({}))["accelerators.rocm.devices"]["value"] == 2


def test_a_tpu_slice_is_what_its_variables_say(monkeypatch):
    """Kind and shape; names of workers are left out."""
    monkeypatch.setenv("TPU_ACCELERATOR_TYPE", "v5litepod-16")
    monkeypatch.setenv("TPU_WORKER_HOSTNAMES", "t1v-n-0,t1v-n-1")

    assert values(facts("accelerators"))["accelerators.tpu.topology"] == {"TPU_ACCELERATOR_TYPE": "v5litepod-16"}


def test_a_slurm_job_is_told(monkeypatch):
    """Identifiers apart from counts, since only counts can act on numbers."""
    for name, value in (
        ("SLURM_JOB_ID", "4711"),
        ("SLURM_JOB_NUM_NODES", "2"),
        ("SLURM_NTASKS", "8"),
        ("SLURM_CPU_BIND", "quiet,mask_cpu:0x3"),
        ("SLURM_PROCID", "3"),
    ):
        monkeypatch.setenv(name, value)
    found = facts("job")
    told = values(found)

    assert (told["job.scheduler"], told["job.nodes"], told["job.tasks"], told["job.rank"]) == ("slurm", 2, 8, 3)
    assert told["job.id"] == {"SLURM_JOB_ID": "4711"}
    assert told["job.binding"] == {"SLURM_CPU_BIND": "quiet,mask_cpu:0x3"}
    assert found["job.id"].role == "identity"


def test_without_a_scheduler_there_is_no_job(monkeypatch):
    """Not applicable, and every scheduler that was looked for is named."""
    for told in job.SCHEDULERS.values():
        monkeypatch.delenv(told["sign"], raising=False)
    found = facts("job")

    assert {one.state for one in found.values()} == {"not-applicable"}
    assert all(name in found["job.scheduler"].reason for name in job.SCHEDULERS)


def test_caches_are_counted_where_variables_say(tmp_path, monkeypatch):
    """A folder of the variable; a cache that nobody asked for is not applicable."""
    (tmp_path / "one").touch()
    monkeypatch.setenv("JAX_COMPILATION_CACHE_DIR", str(tmp_path))
    monkeypatch.setenv("TRITON_CACHE_DIR", str(tmp_path))
    monkeypatch.setenv("XLA_FLAGS", f"--xla_gpu_per_fusion_autotune_cache_dir={tmp_path} --xla_dump_to=x")
    found = facts("caches")

    assert errors(found) == {}
    assert {values(found)[name] for name in ("caches.jax", "caches.triton", "caches.xla.autotune")} == {1}
    monkeypatch.delenv("JAX_COMPILATION_CACHE_DIR")
    assert facts("caches")["caches.jax"].state == "not-applicable"
