import pytest
import support
from planting import blamed, setup_file

pytestmark = [pytest.mark.frameworks, pytest.mark.slow]


def test_a_seeded_training_run_repeats():
    """On this machine the run gives the same bits again, in a fresh process, and in a perturbed one."""
    verdict = support.verdict("torch-same-seed")

    assert ("pass", None) == (verdict.outcome, verdict.known)


def test_dropout_that_draws_from_the_system_is_found(tmp_path):
    """A layer whose draws no seed reaches changes the losses and every layer before it; the generator stays."""
    setup = setup_file(
        tmp_path,
        """
        import os
        def dropout(x, p=0.5, training=True, inplace=False):
            return x * (1 + int.from_bytes(os.urandom(4), 'big') / 2**33)
        torch.nn.functional.dropout = dropout
        """,
    )

    verdict = support.verdict("torch-same-seed", setup=setup)

    assert ("fail", "undocumented") == (verdict.outcome, verdict.known)
    assert {"losses", "layer:embedding", "layer:attention", "layer:head"} <= blamed(verdict)
    assert "generator" not in blamed(verdict)
    assert "differs" == verdict.evidence["under"]["framework-switch"]
