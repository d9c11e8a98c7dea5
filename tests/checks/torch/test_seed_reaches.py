import pytest
import support
from planting import blamed, setup_file

pytestmark = [pytest.mark.frameworks, pytest.mark.slow]


def test_every_generator_follows_its_seed():
    """On this machine all draws repeat under a seed, differ between seeds, and saved states go on."""
    verdict = support.verdict("torch-seed-reaches")

    assert ("pass", None) == (verdict.outcome, verdict.known)


def test_a_generator_that_ignores_the_seed_is_found(tmp_path):
    """A permutation that is always the same gives one seed's draws under another, and so does a loader's order."""
    setup = setup_file(tmp_path, "torch.randperm = lambda count, **options: torch.arange(count)\n")

    verdict = support.verdict("torch-seed-reaches", setup=setup)

    assert "fail" == verdict.outcome
    assert {"randperm", "loader order"} == set(verdict.evidence["alike"])


def test_draws_and_states_that_do_not_come_back_are_found(tmp_path):
    """Dropout that draws from the system changes, and a restored state that lost half of a normal draw parts."""
    setup = setup_file(
        tmp_path,
        """
        import os, random
        torch.nn.functional.dropout = lambda given, *options: given * (1 + os.urandom(1)[0] + os.urandom(1)[0] / 256)
        restore = random.setstate
        random.setstate = lambda state: restore((state[0], state[1], None))
        """,
    )

    verdict = support.verdict("torch-seed-reaches", setup=setup)

    assert ("fail", "undocumented") == (verdict.outcome, verdict.known)
    assert {"dropout", "continuation of python"} == blamed(verdict)
    assert "differs" == verdict.evidence["under"]["entropy"]
