import pytest
import support
from planting import setup_file

pytestmark = [pytest.mark.frameworks, pytest.mark.slow]


def test_the_generator_of_the_cpu_keeps_32_bits():
    """On torch 2.13 seeds that are equal in their low 32 bits give the same draws."""
    verdict = support.verdict("torch-seed-width")

    assert ("fail", "undocumented") == (verdict.outcome, verdict.known)
    assert "seeds 0 and 4294967296" in verdict.evidence["alike"]


def test_seeds_with_the_upper_half_mixed_in_differ(tmp_path):
    """The remedy's line, in a generator that applies it, gives other draws for every pair."""
    setup = setup_file(
        tmp_path,
        """
        class Mixing(torch.Generator):
            def manual_seed(self, seed):
                return super().manual_seed((seed ^ (seed >> 32)) & 0xFFFFFFFF)
        torch.Generator = Mixing
        """,
    )

    verdict = support.verdict("torch-seed-width", setup=setup)

    assert "pass" == verdict.outcome
