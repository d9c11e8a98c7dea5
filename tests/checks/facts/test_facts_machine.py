"""Facts of accelerators, memory, network, jobs, caches and installed files: planted trees, and other tools."""

import contextlib
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
from checks.facts import _elf, _limits, accelerators, job, machine


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


def test_every_loaded_library_has_something_that_identifies_it():
    """A build-id, a digest, or the admission that only the size is known; the digest of all on request."""
    told = values(facts("tensorflow_after", framework="tensorflow"))["tensorflow.libraries.loaded"]
    verified = values(facts("torch_after", framework="torch", context={"verify_files": True}))

    assert all({"build_id", "sha256", "identified_by"} & set(one) for one in told)
    assert any("identified_by" in one for one in told)
    assert all("sha256" in one for one in verified["torch.libraries.loaded"])


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
    assert not [line for line in found if "kept" in line]


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
    monkeypatch.setattr(machine, "INFINIBAND", str(tmp_path))
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


def test_the_cloud_is_what_the_machine_was_started_with(tmp_path, monkeypatch):
    """cloud-init's standardised keys, and no network."""
    (tmp_path / "data.json").write_text('{"v1": {"cloud_name": "aws", "region": "eu-west-1"}, "ds": {}}')
    monkeypatch.setattr(machine, "CLOUD_INIT", str(tmp_path / "data.json"))
    found = dict(machine.collect({}))

    assert (found["host.cloud.name"]["value"], found["host.cloud.region"]["value"]) == ("aws", "eu-west-1")


def test_an_image_s_digest_is_what_podman_tells(tmp_path, monkeypatch):
    """Inside a container it is told or unknown, outside not applicable; never guessed."""
    (tmp_path / "env").write_text('engine="podman-5.3.0"\nimage="docker.io/library/debian:12"\nimageid="0123abcd"\n')
    monkeypatch.setattr(machine._container, "runtime", lambda: "podman")
    monkeypatch.setattr(machine, "CONTAINER_ENVIRONMENT", str(tmp_path / "env"))
    told = dict(machine.collect({}))
    monkeypatch.setattr(machine, "CONTAINER_ENVIRONMENT", str(tmp_path / "none"))
    silent = dict(machine.collect({}))
    monkeypatch.setattr(machine._container, "runtime", lambda: "")
    outside = dict(machine.collect({}))

    assert told["host.container.image_id"]["value"] == "0123abcd"
    assert silent["host.container.image_id"]["state"] == "unknown"
    assert outside["host.container.image_id"]["state"] == "not-applicable"


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
