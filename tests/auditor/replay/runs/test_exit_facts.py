"""The facts that a recorded run keeps: what they hold, and what they must not."""

import json
import sys

import pytest
from support import AUDITED

from auditor.replay.compare_traces import described
from auditor.replay.runs.exit_facts import facts_of
from auditor.replay.runs.run import Setup, run
from auditor.replay.trace.archive import open_trace

SECRET = "hf_" + "aB3dE6gH9j" * 3 + "kLmN"


def made(folder, program, python=sys.executable, **how):
    """A recorded run of a program text."""
    return run([python, "-c", program], Setup(folder, show=False, **how))


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """A run of plain Python with facts, some variables and a secret."""
    patch = pytest.MonkeyPatch()
    patch.setenv("OMP_NUM_THREADS", "3")
    patch.setenv("TF_SECRET_TOKEN", SECRET)
    patch.setenv("UNRELATED", "private")
    yield made(tmp_path_factory.mktemp("facts") / "run", "print('took 0.1 s')", facts=True)
    patch.undo()


@pytest.mark.slow
def test_versions_threads_and_variables_of_the_process_are_kept(recorded):
    """Of the process itself, as it was when it exited."""
    facts = facts_of(recorded)
    version = ".".join(map(str, sys.version_info[:3]))

    assert (version, "3") == (facts["python.version"].value, facts["env"].value["OMP_NUM_THREADS"])
    assert {"host.cpu.flags", "host.cpu.level", "torch.threads.intra"} <= set(facts)
    assert {"software", "machine"} == {fact.role for fact in facts.values()}


@pytest.mark.slow
def test_no_secret_and_no_text_of_the_program_is_in_the_description(recorded):
    """Neither a token nor a variable that cannot affect numbers, nor what was printed."""
    told = json.dumps(described(recorded))

    assert "TF_SECRET_TOKEN" in told
    assert not any(private in told for private in (SECRET, SECRET[3:], "UNRELATED", "took 0.1"))


@pytest.mark.slow
def test_the_facts_leave_the_streams_as_they_are(recorded, tmp_path):
    """They are read after the streams were closed."""
    plain = made(tmp_path / "run", "print('took 0.1 s')")
    for one in (recorded, plain):
        with open_trace(one.folder) as trace:
            assert ([], []) == (trace.problems, list(one.problems))

    streams = [(one.folder / "streams" / "main.0.trc").read_bytes() for one in (recorded, plain)]
    assert streams[0] == streams[1]
    assert {} == facts_of(plain)
    assert "facts" not in described(plain)


@pytest.mark.slow
@pytest.mark.frameworks
def test_the_switches_of_a_framework_are_those_that_the_program_set(tmp_path):
    """JAX clears its backends at exit; its facts are read before."""
    program = "import jax; jax.config.update('jax_default_matmul_precision', 'highest'); jax.numpy.ones(3) + 1"
    facts = facts_of(made(tmp_path / "run", program, python=AUDITED, facts=True))

    assert "highest" == facts["jax.config.jax_default_matmul_precision"].value
