"""`tensorflow-precision`: full precision by default, and reduced forms are told by name."""

import pytest
import support

pytestmark = [pytest.mark.frameworks, pytest.mark.slow]  # a process of TensorFlow takes 5 s to start

REDUCED = """
import keras, tensorflow as tf
matmul = tf.matmul
def low(left, right, **options):
    narrow = lambda value: tf.cast(tf.cast(value, tf.bfloat16), value.dtype) if value.dtype == tf.float32 else value
    return matmul(narrow(left), narrow(right), **options)
tf.matmul = low
keras.mixed_precision.set_global_policy("mixed_float16")
"""
MAY_BE = {"bfloat16 matmul": "partial sums are rounded"}
"""What a processor without AVX-512 does, where oneDNN is off by default."""


def observed(verdict):
    """What was observed in place of what was expected, apart from what the processor decides."""
    broken = {name: pair["observed"] for name, pair in verdict.evidence.get("broken", {}).items()}
    return {name: found for name, found in broken.items() if MAY_BE.get(name) != found}


def test_products_have_the_precision_of_their_dtype():
    """On a CPU nothing reduced is on."""
    verdict = support.verdict("tensorflow-precision")

    assert {} == observed(verdict)
    assert 7 == len(verdict.evidence["held"]) + len(verdict.evidence.get("broken", {}))


def test_reduced_forms_are_named(tmp_path):
    """Planted: products of bfloat16 factors, and a policy of float16; einsum and convolution stay."""
    setup = tmp_path / "setup.py"
    setup.write_text(REDUCED)

    verdict = support.verdict("tensorflow-precision", setup=str(setup))

    assert "fail" == verdict.outcome
    assert observed(verdict) == {
        "float32 matmul": "bfloat16",
        "float32 batched matmul": "bfloat16",
        "float32 matmul compiled by XLA": "bfloat16",
        "keras dtype policy": "float16",
    }
