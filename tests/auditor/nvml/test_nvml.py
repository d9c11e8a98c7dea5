"""Facts of NVIDIA GPUs. No machine here has one: the C library below the real nvidia-ml-py is a fake (fake_nvml/)."""

import ast
import json
import subprocess
import sys
import time
from pathlib import Path

import pynvml
import pytest
from support import AUDITED, ROOT

from auditor.audit.run import Audit, Options
from auditor.catalogue import catalogue
from auditor.cli._real_run import probe_real_run
from auditor.nvml import host, readers, table
from auditor.real_run import run as real_run

UUID = "GPU-0fa4e000-0000-4000-8000-0000000fa4e0"
FAKE = ROOT / "tests" / "auditor" / "fake_nvml"


@pytest.fixture
def fake(monkeypatch, tmp_path):
    """A machine with the fake driver; gives the environment, to plant faults in."""
    sign = tmp_path / "nvidiactl"
    sign.touch()
    monkeypatch.setattr(host, "SIGNS", (str(sign),))
    monkeypatch.setenv("PYTHONPATH", str(FAKE))
    return monkeypatch


def values(found):
    return {key.removeprefix(table.PREFIX): fact.value for key, fact in found.items() if fact.state == "value"}


def test_without_a_driver_every_fact_is_not_applicable(monkeypatch):
    """The state says that there is no driver, at no cost: no process is started."""
    monkeypatch.setattr(host, "SIGNS", ("/nowhere/nvidiactl",))
    monkeypatch.setattr(host.subprocess, "Popen", None)
    found = host.facts()

    assert set(found) == set(host.DECLARED)
    assert {fact.state for fact in found.values()} == {"not-applicable"}
    assert all("/nowhere/nvidiactl" in fact.reason for fact in found.values())


@pytest.mark.skipif(any(Path(path).exists() for path in host.SIGNS), reason="this machine has an NVIDIA driver")
def test_this_machine_says_that_it_has_no_driver():
    """The truth of a machine without a GPU."""
    assert {fact.state for fact in host.facts().values()} == {"not-applicable"}


@pytest.mark.usefixtures("fake")
def test_every_fact_of_two_gpus_is_read():
    """The real bindings accept every call, and what the library tells stands under the number of its device."""
    found = host.facts()
    told = values(found)

    assert {key for key, fact in found.items() if fact.state == "error"} == set()
    assert set(host.DECLARED) - {key for key, fact in found.items() if fact.state == "value"} == {
        "accelerators.nvidia.serial"
    }
    assert (told["driver"], told["cuda"], told["count"]) == ("999.1", "13.2", 2)
    assert told["name"] == {"0": "FAKE H999", "1": "FAKE H999"}
    assert told["architecture"]["1"] == "hopper"
    assert told["ecc"]["0"] == "on, off after a restart"
    assert told["topology"] == {"0": ["self", "cpu"], "1": ["cpu", "self"]}
    assert told["remapped_rows"]["0"] == {"correctable": 1, "uncorrectable": 2, "pending": 0, "failed": 1}
    assert told["retired_pages"]["0"] == {"single-bit": 2, "double-bit": 2}
    assert told["clocks.held_back"]["0"] == ["gpuidle", "swthermalslowdown"]
    assert told["nvlink"]["0"] == "4 of 4 active, version 7"


def test_what_is_wrong_with_a_fabric_is_named():
    """Each field of the mask by the library's own name; those that are well or not told are no problem."""
    well = 2 | 2 << 2 | 2 << 4 | 2 << 6 | 1 << 8
    degraded = 1 | 2 << 2 | 1 << 4 | 2 << 6 | 5 << 8

    assert readers.fabric_problems(pynvml, 0) == []
    assert readers.fabric_problems(pynvml, well) == []
    assert readers.fabric_problems(pynvml, degraded) == ["degraded_bw", "route_unhealthy", "insufficient_nvlinks"]


@pytest.mark.usefixtures("fake")
def test_counts_too_large_for_json_travel_as_text():
    """An error counter has 64 bits; a reader's double would lose some."""
    assert values(host.facts())["errors.corrected"]["0"] == hex(1 << 60)


@pytest.mark.usefixtures("fake")
def test_what_a_gpu_does_not_support_is_not_applicable_in_the_library_s_words():
    """A board without a serial number is no error."""
    serial = host.facts()["accelerators.nvidia.serial"]

    assert serial.state == "not-applicable"
    assert "Not Supported" in serial.reason


def test_a_lost_gpu_costs_only_itself(fake):
    """The other device's facts stay, and the lost one's place is empty."""
    fake.setenv("FAKE_NVML_LOST", "1")

    assert values(host.facts())["name"] == {"0": "FAKE H999", "1": None}


@pytest.mark.parametrize("function", ["nvmlInitWithFlags", "nvmlDeviceGetEccMode"])
def test_a_library_that_hangs_costs_its_limit_and_nothing_more(fake, function):
    """The rest is unknown, with the reason; what was told before stays."""
    fake.setenv("FAKE_NVML_HANGS", function)
    started = time.monotonic()
    found = host.facts(limit_seconds=2.0)

    assert time.monotonic() - started < 5
    assert found["accelerators.nvidia.mig"].state == "unknown"
    assert "no answer within 2 s" in found["accelerators.nvidia.mig"].reason
    assert ("driver" in values(found)) == (function != "nvmlInitWithFlags")


def test_a_library_that_is_missing_is_unknown(fake, tmp_path):
    """A driver without its library, or an auditor without nvidia-ml-py, says so."""
    (tmp_path / "pynvml.py").write_text("raise ImportError('no such library')\n")
    fake.setenv("PYTHONPATH", str(tmp_path))
    driver = host.facts()["accelerators.nvidia.driver"]

    assert driver.state == "unknown"
    assert "ImportError: no such library" in driver.reason


def test_modules_of_the_working_folder_are_not_imported(fake, tmp_path):
    """The reader is started in the user's folder, whose `json.py` is none of its business."""
    (tmp_path / "json.py").write_text("raise SystemExit(9)\n")
    fake.chdir(tmp_path)

    assert values(host.facts())["count"] == 2


def test_every_name_that_is_asked_for_exists_in_the_real_library():
    """A misspelt function would be `unknown` on every machine for ever."""
    asked = set()
    for module in (readers, table):
        for node in ast.walk(ast.parse(Path(module.__file__).read_text())):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "nvml":
                asked.add(node.attr)
            if isinstance(node, ast.Constant) and str(node.value).startswith("nvmlDevice"):
                asked.add(node.value)

    assert len(asked) > 40
    assert {name for name in asked if not hasattr(pynvml, name)} == set()


@pytest.mark.usefixtures("fake")
def test_a_probe_holds_them_and_writes_no_name_of_a_device():
    """They pass the same nets as the payload's facts: the UUID is tokenised, the model is not."""
    audit = Audit(Options(AUDITED, shallow=True), catalogue.load())
    for _ in audit.run():
        continue
    found = {key: fact for key, fact in audit.facts.items() if key.startswith(table.PREFIX)}

    assert set(found) == set(host.DECLARED)
    assert "FAKE H999" in str(found["accelerators.nvidia.name"].value)
    assert "tokenised" == audit.privacy.mode
    assert UUID not in json.dumps({key: fact.model_dump(mode="json") for key, fact in audit.facts.items()})


ASKED = """
import os
from pathlib import Path
asked = Path(__file__).with_name("asked")
if asked.exists():
    os.environ["FAKE_NVML_LOST"] = "1"
with asked.open("a") as lines:
    lines.write("once\\n")
_FAKE = {fake!r}
exec(compile(Path(_FAKE).read_text(), _FAKE, "exec"))
"""
"""The fake, which notes each time it is asked and has lost a GPU from the second time on."""


@pytest.fixture
def document(fake, tmp_path, capfd):
    """What `probe --json -- COMMAND` prints for a program with this text; `asked` is written when NVML is asked."""
    (tmp_path / "pynvml.py").write_text(ASKED.format(fake=str(FAKE / "pynvml.py")))
    fake.setenv("PYTHONPATH", str(tmp_path))

    def run(text):
        (tmp_path / "script.py").write_text(text)
        command = [sys.executable, str(tmp_path / "script.py")]
        asked = {"timeout_seconds": 60, "quiet": True, "as_json": True, "output": None, "compare": True}
        assert probe_real_run(command, identify=False, **asked) == 0
        return json.loads(capfd.readouterr().out)

    return run


def test_a_real_run_holds_them_and_writes_no_name_of_a_device(document):
    """Under the main process, through the same nets as its own facts."""
    told = document("import gc; gc.disable()")
    found = {key: fact for key, fact in told["facts"].items() if key.startswith(table.PREFIX)}

    assert set(found) == set(host.DECLARED)
    assert found["accelerators.nvidia.name"]["value"] == {"0": "FAKE H999", "1": "FAKE H999"}
    assert found["accelerators.nvidia.uuid"]["state"] == "value"
    assert UUID not in json.dumps(told)


def test_a_gpu_that_changes_is_no_difference_from_a_bare_interpreter(document, tmp_path):
    """Between the two readings one is lost; what differs is what the program did, and only that."""
    told = document("import gc; gc.disable()")

    assert len((tmp_path / "asked").read_text().split()) == 2
    assert list(told["defaults"]) == ["python.gc.enabled"]


def test_nobody_is_asked_while_the_command_runs(document, tmp_path):
    """The driver is asked after the end: the command shares its GPUs and processors with nobody of ours."""
    told = tmp_path / "told"
    document(f"import os, time; time.sleep(1); open({str(told)!r}, 'w').write(' '.join(os.listdir({str(tmp_path)!r})))")

    assert "script.py" in told.read_text()
    assert "asked" not in told.read_text()
    assert (tmp_path / "asked").exists()


@pytest.mark.skipif(any(Path(path).exists() for path in host.SIGNS), reason="this machine has an NVIDIA driver")
def test_a_real_run_without_a_driver_says_so():
    """Not applicable; and a command that is no Python, which has no facts, has none of its machine either."""
    groups = catalogue.load().groups
    seen = real_run.run([sys.executable, "-c", "pass"], groups)

    assert set(seen.machine) == set(host.DECLARED)
    assert {fact.state for fact in seen.machine.values()} == {"not-applicable"}
    assert real_run.run(["true"], groups).machine == {}


def test_asking_for_help_loads_nothing_of_it():
    """What every start pays for is small."""
    code = "import sys; import auditor.cli.audit; print([name for name in sys.modules if 'nvml' in name])"
    told = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout

    assert told.strip() == "[]"
