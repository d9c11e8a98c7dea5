"""The same seed in JAX: the check passes as it is, and catches entropy in a layer."""

import pytest
import support

pytestmark = [pytest.mark.frameworks, pytest.mark.slow]


def test_a_seeded_training_repeats():
    """Losses, parameters, masks and keys agree in two processes, twice in each, and in the perturbed one."""
    found = support.verdict("jax-same-seed")

    assert found.outcome == "pass", found


def test_entropy_in_a_layer_is_caught(tmp_path):
    """A relu that scales by entropy moves losses and parameters, not keys and masks."""
    setup = tmp_path / "setup.py"
    setup.write_text(
        "import os, jax\n"
        "real = jax.nn.relu\n"
        "scale = 1 + int.from_bytes(os.urandom(2), 'big') / 2**20\n"
        "jax.nn.relu = lambda x: real(x) * scale\n"
    )

    found = support.verdict("jax-same-seed", setup=str(setup))

    assert (found.outcome, found.known) == ("fail", "undocumented")
    assert {"losses", "dense layers op by op", "parameters of dense"} <= set(found.evidence["differing"])
    assert not {"keys", "masks"} & set(found.evidence["differing"])
