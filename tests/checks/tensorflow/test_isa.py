"""`tensorflow-isa`: what the vector width moves is recorded, and with one width for all nothing moves."""

import support
from judged import MARKS, finding

pytestmark = MARKS
OTHER_HALVES = """
import os, tensorflow as tf
if os.environ.get("ONEDNN_MAX_CPU_ISA") or os.environ.get("TF_ENABLE_ONEDNN_OPTS") == "0":
    tf.math.round = lambda x: tf.sign(x) * tf.floor(tf.abs(x) + 0.5)
"""


def test_vector_width_moves_bits_and_is_recorded():
    """Products of oneDNN and functions of XLA move with the instructions; Eigen's functions and draws do not."""
    found = finding("isa")
    moved = set(found.evidence["factors"]["isa"])

    assert "pass" == found.outcome, found.message
    assert moved
    assert not {"draws", "exp", "sin", "row sums"} & moved


def test_a_rounding_that_follows_the_vector_width_is_a_fault(tmp_path):
    """Halves that go away from zero without the widest instructions: named, eager and compiled, and critical."""
    setup = tmp_path / "halves.py"
    setup.write_text(OTHER_HALVES)
    verdict = support.verdict("tensorflow-isa", setup=str(setup))
    exact = {name for name in verdict.evidence["factors"]["isa"] if name.startswith("exact: ")}

    assert ("fail", "critical") == (verdict.outcome, verdict.severity)
    assert {"exact: round", "exact: xla: round"} == exact


def test_with_one_width_for_all_nothing_moves(monkeypatch):
    """The remedy: the same least instructions, and no oneDNN, in the environment of every process."""
    monkeypatch.setenv("ONEDNN_MAX_CPU_ISA", "SSE41")
    monkeypatch.setenv("XLA_FLAGS", "--xla_cpu_max_isa=AVX")
    monkeypatch.setenv("TF_ENABLE_ONEDNN_OPTS", "0")

    verdict = support.verdict("tensorflow-isa")

    assert "pass" == verdict.outcome
    assert "agree bit for bit" in verdict.message
