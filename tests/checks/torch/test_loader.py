import pytest
import support
from planting import setup_file

pytestmark = [pytest.mark.frameworks, pytest.mark.slow]


def test_the_loader_keeps_order_and_seeds_its_workers():
    """Torch's loader gives one order for 0, 1 and 2 workers, and each forked worker and epoch draws of its own."""
    verdict = support.verdict("torch-loader")

    assert "pass" == verdict.outcome


def test_workers_that_draw_alike_and_other_orders_are_found(tmp_path):
    """NumPy seeded alike in all workers (pytorch#5059), one order for all epochs, batches turned round by workers."""
    setup = setup_file(
        tmp_path,
        """
        from torch.utils.data import RandomSampler, dataloader
        torch.utils.data._utils.worker._generate_state = lambda base_seed, worker: [1, 2, 3, 4]
        RandomSampler.__iter__ = lambda self: iter(range(len(self.data_source)))
        workers = dataloader._MultiProcessingDataLoaderIter
        plain = workers._next_data
        def turned(self):
            given = plain(self)
            return given.flip(0) if isinstance(given, torch.Tensor) else given
        workers._next_data = turned
        """,
    )

    verdict = support.verdict("torch-loader", setup=setup)

    assert "fail" == verdict.outcome
    assert {
        "numpy: other draws in each worker",
        "numpy: other draws in each epoch",
        "order of the second epoch",
        "order with 1 worker(s)",
        "order with 2 worker(s)",
    } == set(verdict.evidence["broken"])
