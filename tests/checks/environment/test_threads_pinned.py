"""Thread counts are fixed for each framework."""

import pytest
import support


def test_threads_must_be_fixed_for_each_framework(monkeypatch):
    """With only OMP_NUM_THREADS set, TensorFlow and JAX still take what the machine has."""
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    partly = support.verdict("environment-threads-pinned")
    monkeypatch.setenv("TF_NUM_INTRAOP_THREADS", "2")
    monkeypatch.setenv("NPROC", "2")

    assert sorted(partly.evidence["broken"]) == ["threads of jax", "threads of tensorflow"]
    assert support.verdict("environment-threads-pinned").outcome == "pass"


@pytest.mark.parametrize("value", ["0", "many", ""])
def test_a_thread_count_that_is_none_fails(monkeypatch, value):
    """Zero, a word or nothing is no number of threads."""
    for name in ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "NPROC"):
        monkeypatch.setenv(name, value)

    assert support.verdict("environment-threads-pinned").outcome == "fail"
