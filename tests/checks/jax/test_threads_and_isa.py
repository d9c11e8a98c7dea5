"""Threads and vector width in JAX: what moves is recorded, what races is caught, and cured settings agree."""

import pytest
import support

pytestmark = [pytest.mark.frameworks, pytest.mark.slow]
FEW = "from _auditor_checks.jax import _stress\n_stress._accumulation = _stress._backward = _stress._products = dict\n"
RACING = (
    FEW
    + """
import itertools, jax, numpy
calls, real = itertools.count(), _stress._reductions

def reductions():
    late = lambda: numpy.float32(next(calls) % 3)
    racing = lambda v: v[:3] + jax.pure_callback(late, jax.ShapeDtypeStruct((), "float32"))
    return dict(real(), racing=(("values",), racing))

_stress._reductions = reductions
"""
)
ONE_THREAD = FEW + "import os\nos.environ['NPROC'] = '1'\n"
OTHER_HALVES = """
import os, jax
if "xla_cpu_max_isa" in os.environ.get("XLA_FLAGS", ""):
    jax.numpy.round = lambda x: jax.numpy.sign(x) * jax.numpy.floor(abs(x) + 0.5)
"""
LEAST_VECTORS = "import os\nos.environ.update(XLA_FLAGS='--xla_cpu_max_isa=AVX', ONEDNN_MAX_CPU_ISA='SSE41')\n"


def _verdict(check_id, tmp_path, text):
    setup = tmp_path / "setup.py"
    setup.write_text(text)
    return support.verdict(check_id, setup=str(setup))


def test_stress_cases_do_not_race():
    """31 cases give the same bits in 20 calls each."""
    found = support.verdict("jax-thread-race")

    assert (found.outcome, found.message.startswith("31 values agree")) == ("pass", True), found


def test_a_race_is_named(tmp_path):
    """A result that depends on arrival is named, alone."""
    found = _verdict("jax-thread-race", tmp_path, RACING)

    assert (found.outcome, list(found.evidence["differing"])) == ("fail", ["racing"])


def test_one_thread_proves_nothing(tmp_path):
    """With one thread both checks of threads are inconclusive, since nothing could race or be regrouped."""
    found = [_verdict(name, tmp_path, ONE_THREAD).outcome for name in ("jax-thread-race", "jax-thread-count")]

    assert ["inconclusive", "inconclusive"] == found


def test_sums_move_with_threads_and_are_recorded():
    """Sums are regrouped with the number of threads, sorts and scatters are not; that is recorded."""
    found = support.verdict("jax-thread-count")

    assert found.outcome == "pass", found
    assert "sum" in found.evidence["factors"]["threads"]
    assert not {"sort", "scatter_add", "top k of ties"} & set(found.evidence["factors"]["threads"])


def test_vector_width_moves_bits_and_is_recorded():
    """Functions and sums move with the vector instructions; uniform draws do not."""
    found = support.verdict("jax-isa")

    assert found.outcome == "pass", found
    assert "exp" in found.evidence["factors"]["isa"]
    assert "uniform draws" not in found.evidence["factors"]["isa"]


def test_a_rounding_that_follows_the_vector_width_is_a_fault(tmp_path):
    """Halves that go away from zero with the least instructions: the exact value is named, and it is critical."""
    found = _verdict("jax-isa", tmp_path, OTHER_HALVES)

    assert (found.outcome, found.severity) == ("fail", "critical")
    assert {"exact: round"} == {name for name in found.evidence["factors"]["isa"] if name.startswith("exact: ")}


def test_the_remedy_for_vector_width_cures(tmp_path):
    """With the same least width in every process, nothing moves."""
    found = _verdict("jax-isa", tmp_path, LEAST_VECTORS)

    assert (found.outcome, "agree bit for bit" in found.message) == ("pass", True), found
