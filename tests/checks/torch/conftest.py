"""Compiled code of all these tests is kept in one folder: Inductor's headers are compiled once for each."""

import pytest


@pytest.fixture(autouse=True, scope="module")
def _one_cache(request):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(request.config.cache.mkdir("compiled")))
        yield
