import pytest
import support
from planting import setup_file

pytestmark = [pytest.mark.frameworks, pytest.mark.slow]


def test_spawned_workers_draw_as_forked_ones():
    """Torch seeds Python, NumPy and itself in workers of both kinds."""
    verdict = support.verdict("torch-loader-spawn")

    assert "pass" == verdict.outcome


def test_a_generator_that_is_seeded_in_forked_workers_only_is_found(tmp_path):
    """What the parent changed reaches forked workers and not spawned ones: NumPy's draws part, the others do not."""
    setup = setup_file(
        tmp_path,
        """
        import torch.utils.data._utils.worker as worker
        worker._generate_state = lambda base_seed, number: [1, 2, 3, number]
        """,
    )

    verdict = support.verdict("torch-loader-spawn", setup=setup)

    assert "fail" == verdict.outcome
    assert ["numpy draws in spawned workers"] == list(verdict.evidence["broken"])
