import pytest
import support
from planting import setup_file

pytestmark = [pytest.mark.frameworks, pytest.mark.slow]


def test_three_ranks_agree_in_every_call():
    """All-reduce, all-gather and reduce-scatter give one result on all ranks, in all calls, in two groups."""
    verdict = support.verdict("torch-collectives")

    assert "pass" == verdict.outcome
    assert {"gloo all-reduce, 300007 float32", "gloo reduce-scatter, 7 bfloat16"} <= set(verdict.evidence["held"])


def test_a_rank_with_other_bits_and_a_call_with_other_bits_are_found(tmp_path):
    """One bit more on one rank after all-reduce fails, and so does a reduce-scatter that changes from call to call."""
    setup = setup_file(
        tmp_path,
        """
        import itertools, torch.distributed as ranks
        reduce, scatter, calls = ranks.all_reduce, ranks.reduce_scatter, itertools.count()
        def all_reduce(values):
            reduce(values)
            if ranks.get_rank() == 1:
                values[-1] += 1
        def reduce_scatter(share, parts):
            scatter(share, parts)
            share += next(calls) == 3
        ranks.all_reduce, ranks.reduce_scatter = all_reduce, reduce_scatter
        """,
    )

    verdict = support.verdict("torch-collectives", setup=setup)

    broken = {name: value["observed"] for name, value in verdict.evidence["broken"].items()}
    assert "fail" == verdict.outcome
    assert {2} == set(broken.values())
    assert 8 == len([name for name in broken if "all-reduce" in name])
    assert 1 == len([name for name in broken if "reduce-scatter" in name])
    assert not [name for name in broken if "all-gather" in name]
