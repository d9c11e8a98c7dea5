"""Property-based tests draw the same examples in every run: a red test must have its cause in a change."""

import os
import signal
import sys

import pytest
from hypothesis import settings

# Rewritten tests are kept for the next worker and the next tier, also where the shell says otherwise (container images
# do): to compile them takes as long as all else of a collection. Processes that tests start do as the shell says.
sys.dont_write_bytecode = False

settings.register_profile("steady", derandomize=True, deadline=None)
settings.register_profile("searching", deadline=None, max_examples=500)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))

pytest_plugins = [
    "engine_support",  # one engine for the session, whoever asks first
    "outcomes",  # notes which outcomes of checks the tests saw
]

# A shell without job control starts what stands in the background with SIGINT ignored, and so are all that it starts:
# programs that tests interrupt would never end.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """Tests that share something costly run in one worker."""
    from side_by_side import Grouped

    return Grouped(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect what is marked `exhaustive`, unless `-m` names that marker: neither `slow` nor `not slow` takes it."""
    if "exhaustive" in config.option.markexpr:
        return
    left = {item for item in items if item.get_closest_marker("exhaustive")}
    config.hook.pytest_deselected(items=[*left])
    items[:] = [item for item in items if item not in left]
