"""Collectives of torch write tensors that their schemas do not name: what lay in these before is no input."""

import pytest
from support import AUDITED
from test_session import EXPERIMENTS, guilty_line
from test_torch import free_port

from auditor.replay.alignment.first_differences import compare
from auditor.replay.provenance.origin import find
from auditor.replay.runs.run import Setup, run
from auditor.replay.trace.archive import open_folder

pytestmark = [pytest.mark.frameworks, pytest.mark.slow]


def recorded(folder, *arguments, **settings):
    """A run of two ranks in the detail tier."""
    launcher = [AUDITED, "-m", "torch.distributed.run", "--nproc-per-node", "2", "--master-port", str(free_port())]
    command = [*launcher, str(EXPERIMENTS / "torch_collectives.py"), *arguments]
    return run(command, Setup(folder, tier="detail", settings=settings, show=False)).folder


@pytest.mark.exhaustive
def test_what_lies_in_memory_that_a_collective_fills_is_no_input(tmp_path):
    """Two fills of fresh memory give the same results, so no step differs."""
    first, second = (recorded(tmp_path / fill, **{"memory-fill": fill}) for fill in ("85", "170"))
    with open_folder(first) as one, open_folder(second) as other:
        found = compare(one, other)

    assert ([], ()) == (list(found.differences), found.problems)


def test_what_was_received_is_traced_to_its_sender(tmp_path):
    """The origin is the draw of a rank, not the fresh memory that its message came into."""
    first, second = (recorded(tmp_path / name, "unseeded") for name in "ab")
    with open_folder(first) as one, open_folder(second) as other:
        found = find(one, other).origin

    assert ("draw-unseeded", "aten::randn", guilty_line("torch_collectives")) == (
        found.evidence,
        found.name,
        found.source.line,
    )
