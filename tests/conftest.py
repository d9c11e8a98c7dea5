"""Property-based tests draw the same examples in every run: a red test must have its cause in a change."""

import os
import signal

import pytest
from hypothesis import settings

settings.register_profile("steady", derandomize=True, deadline=None)
settings.register_profile("searching", deadline=None, max_examples=500)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))

pytest_plugins = ["engine_support"]  # one engine for the session, whoever asks first

# A shell without job control starts what stands in the background with SIGINT ignored, and so are all that it starts:
# programs that tests interrupt would never end.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items):
    """
    Tests that share something costly run in one worker (`--dist loadgroup`), one after the other.

    Containers share an engine; the tests of one framework's checks share what was measured once for all of them.
    """
    for item in items:
        parts = item.path.parts
        if item.get_closest_marker("engine"):
            item.add_marker(pytest.mark.xdist_group("engine"))
        elif "checks" in parts and item.get_closest_marker("frameworks"):
            item.add_marker(pytest.mark.xdist_group(parts[parts.index("checks") + 1]))
