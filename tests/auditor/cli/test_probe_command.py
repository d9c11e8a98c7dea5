"""`auditor probe -- COMMAND` as a user meets it: what it prints where, and with which exit code it leaves."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from support import AUDITED

AUDITOR = str(Path(sys.executable).with_name("auditor"))


@pytest.fixture
def probe(tmp_path):
    """Run `auditor probe` in an empty folder."""

    def run(*arguments, **environment):
        return subprocess.run(
            [AUDITOR, "probe", *map(str, arguments)],
            capture_output=True,
            check=False,
            cwd=tmp_path,
            env={"HOME": str(tmp_path), "PATH": os.environ["PATH"], **environment},
            text=True,
            timeout=120,
        )

    return run


@pytest.fixture
def script(tmp_path):
    """A Python file with that text."""

    def write(text):
        path = tmp_path / "script.py"
        path.write_text(text)
        return str(path)

    return write


NOISY = """
import gc, os, sys
print("to stdout"); print("to stderr", file=sys.stderr)
gc.disable(); os.environ["OMP_NUM_THREADS"] = "3"
sys.exit(7)
"""


def test_json_stands_alone_on_stdout(probe, script):
    """The command's own output goes to stderr then; its exit code is in the JSON, and ours says that facts came."""
    done = probe("--json", "--", sys.executable, script(NOISY))
    document = json.loads(done.stdout)

    assert done.returncode == 0
    assert sorted(done.stderr.splitlines()) == ["to stderr", "to stdout"]
    assert document["exit_code"] == 7
    assert document["main"]["program"] == "script.py"
    assert document["processes"] == []
    assert document["facts"]["python.gc.enabled"]["value"] is False
    assert document["facts"]["env"]["value"]["OMP_NUM_THREADS"] == "3"
    assert "AUDITOR" not in done.stdout.replace("AUDITOR_TEST", "")


def test_only_what_differs_from_a_bare_interpreter_is_under_defaults(probe, script):
    """Both values of each, and nothing that every process has otherwise."""
    changed = json.loads(probe("--json", "--", sys.executable, script(NOISY)).stdout)["defaults"]

    assert sorted(changed) == ["env", "python.gc.enabled"]
    assert changed["python.gc.enabled"]["default"]["value"] is True
    assert changed["python.gc.enabled"]["real"]["value"] is False


def test_the_report_comes_after_the_commands_own_output(probe, script):
    """On stderr, so that stdout is the command's alone; it says what differs, from what to what."""
    done = probe("--", sys.executable, script(NOISY))

    assert done.returncode == 0
    assert done.stdout == "to stdout\n"
    assert done.stderr.startswith("to stderr\n")
    assert "the command ended (exit code 7)" in done.stderr
    assert "python.gc.enabled" in done.stderr
    assert "true -> false" in done.stderr
    assert "+OMP_NUM_THREADS=3" in done.stderr


def test_without_comparison_no_bare_interpreter_is_started(probe, script):
    """`--no-defaults` says so in the JSON, too."""
    done = probe("--json", "--no-defaults", "--", sys.executable, script(NOISY))

    assert json.loads(done.stdout)["defaults"] is None


def test_an_output_file_leaves_both_streams_to_the_command(probe, script, tmp_path):
    """Byte for byte, with -q."""
    done = probe("-q", "-o", tmp_path / "facts.json", "--", sys.executable, script(NOISY))

    assert (done.stdout, done.stderr, done.returncode) == ("to stdout\n", "to stderr\n", 0)
    assert json.loads((tmp_path / "facts.json").read_text())["exit_code"] == 7


def test_a_command_that_is_no_python_is_inconclusive(probe):
    """Exit 3, the reason in words, and JSON all the same."""
    done = probe("--json", "--", "echo", "hello")

    assert done.returncode == 3
    assert "No Python process of the command could be recorded" in done.stderr
    assert json.loads(done.stdout)["facts"] == {}
    assert json.loads(done.stdout)["exit_code"] == 0


def test_an_end_that_was_not_seen_is_told(probe, script):
    """os._exit takes the facts with it: exit 3, and the process is named."""
    done = probe("--", sys.executable, script("import os; os._exit(0)"))

    assert done.returncode == 3
    assert "script.py (process" in done.stderr
    assert "os._exit" in done.stderr


@pytest.mark.parametrize("command", [["/does/not/exist"], ["/"], ["--"], [""]])
def test_a_wrong_command_is_a_usage_error(probe, command):
    """Exit 2: it could not be started."""
    done = probe("--", *command)

    assert done.returncode == 2
    assert "could not be started" in done.stderr


@pytest.mark.parametrize("option", [["--shallow"], ["--python", sys.executable], ["--framework", "jax"]])
def test_an_option_of_environments_is_refused_for_a_command(probe, option):
    """An option that would be ignored is an error."""
    done = probe(*option, "--", sys.executable, "-c", "pass")

    assert done.returncode == 2
    assert option[0] in done.stderr


def test_an_output_file_is_refused_for_an_environment(probe, tmp_path):
    """The same the other way round."""
    assert probe("-o", tmp_path / "x", "--shallow").returncode == 2


def test_an_output_file_that_cannot_be_written_is_found_before_the_run(probe, tmp_path):
    """Hours of training are not lost to a typing mistake."""
    done = probe("-o", tmp_path / "no" / "such" / "folder", "--", "touch", tmp_path / "ran")

    assert done.returncode == 5
    assert not (tmp_path / "ran").exists()


def test_an_interruption_goes_to_the_command_and_is_our_exit_code(script, tmp_path):
    """Its facts are kept: the command had its chance to end well."""
    path = script(f"import time\nopen({str(tmp_path / 'ready')!r}, 'w').close()\ntime.sleep(30)")
    outer = subprocess.Popen(
        [AUDITOR, "probe", "--json", "--no-defaults", "--", sys.executable, path],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    while not (tmp_path / "ready").exists():
        time.sleep(0.02)
    outer.send_signal(signal.SIGINT)
    out, _ = outer.communicate(timeout=30)
    document = json.loads(out)

    assert outer.returncode == 130
    assert document["exit_code"] == -signal.SIGINT
    assert document["facts"]["python.version"]["state"] == "value"


def test_secrets_of_the_commands_environment_do_not_leave(probe, script):
    """Not in the JSON, whatever the program does with them."""
    secret = "hf_PlantedPlantedPlantedPlanted012345"
    done = probe(
        "--json",
        "--",
        sys.executable,
        script(f"import os\nos.environ['TF_NOTE'] = {secret!r}"),
        HF_TOKEN=secret,
    )

    assert done.returncode == 0
    assert secret not in done.stdout


@pytest.mark.frameworks
def test_torch_switches_show_against_the_defaults(probe, script):
    """What the experiment set stands beside what a bare interpreter has."""
    path = script(
        "import torch; torch.use_deterministic_algorithms(True); torch.set_num_threads(1); torch.manual_seed(7)"
    )
    changed = json.loads(probe("--json", "--", AUDITED, path).stdout)["defaults"]
    values = {key: (one["default"]["value"], one["real"]["value"]) for key, one in changed.items()}

    assert values["torch.deterministic"] == (False, True)
    assert values["torch.threads.intra"][1] == 1
    assert values["torch.seed"][1] == 7
    assert set(values) <= {
        *("torch.deterministic", "torch.deterministic.debug_mode", "torch.threads.intra", "torch.seed"),
        "torch.libraries.runtimes",
    }
