"""TensorFlow's determinism variables."""

import pytest
import support


@pytest.mark.parametrize(
    ("variables", "broken"),
    [
        ({}, []),
        ({"TF_DETERMINISTIC_OPS": "1"}, []),
        ({"TF_DETERMINISTIC_OPS": "yes"}, ["TF_DETERMINISTIC_OPS"]),
        ({"TF_CUDNN_DETERMINISTIC": "1"}, ["TF_CUDNN_DETERMINISTIC"]),
        ({"TF_CUDNN_DETERMINISTIC": "1", "TF_DETERMINISTIC_OPS": "0"}, ["TF_CUDNN_DETERMINISTIC"]),
        ({"TF_CUDNN_DETERMINISTIC": "1", "TF_DETERMINISTIC_OPS": "1"}, []),
    ],
)
def test_tensorflow_variables_promise_what_they_do(monkeypatch, variables, broken):
    """Convolutions alone, and values that TensorFlow does not read, are told; both variables together are fine."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    found = support.verdict("environment-tf-deterministic-ops")

    assert found.outcome == ("fail" if broken else "pass")
    assert broken == sorted(found.evidence.get("broken", {}))


@pytest.mark.slow
@pytest.mark.frameworks
def test_tensorflow_still_reads_its_deprecated_variable(monkeypatch):
    """What the lint's text claims: TF_DETERMINISTIC_OPS switches op determinism on, TF_CUDNN_DETERMINISTIC does not."""
    import subprocess

    program = "from tensorflow.python.framework import config; print(config.is_op_determinism_enabled())"
    seen = {}
    for name in ("TF_DETERMINISTIC_OPS", "TF_CUDNN_DETERMINISTIC"):
        with monkeypatch.context() as patch:
            patch.setenv(name, "1")
            done = subprocess.run([support.AUDITED, "-c", program], capture_output=True, text=True, check=True)
        seen[name] = done.stdout.split()[-1]

    assert seen == {"TF_DETERMINISTIC_OPS": "True", "TF_CUDNN_DETERMINISTIC": "False"}
