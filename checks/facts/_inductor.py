"""The compiler's settings inside PyTorch, read only if the compiler is loaded."""

from __future__ import annotations

import getpass
import os
import re
import sys
import tempfile

from .. import fact
from ..declare import NotApplicable
from ..fact import probe


def _compiler_setting(module, name):
    """The probe of a compiler setting, read only if the compiler is loaded: loading it takes seconds."""

    def read():
        loaded = sys.modules.get(module)
        if loaded is None:
            raise fact.Unknown("%s is not loaded, and reading it would load the compiler" % module)
        if not hasattr(loaded, name):
            raise NotApplicable("this release has no %s.%s" % (module, name))
        return getattr(loaded, name)

    return probe("software", "compiler setting", "%s.%s" % (module, name), read)


def _inductor_cache():
    """How many entries Inductor's cache folder holds: cached programs are neither compiled nor tuned again."""
    folder = os.environ.get("TORCHINDUCTOR_CACHE_DIR")
    if not folder:
        name = re.sub(r'[\\/:*?"<>|]', "_", getpass.getuser())
        folder = os.path.join(tempfile.gettempdir(), "torchinductor_" + name)
    return len(os.listdir(folder)) if os.path.isdir(folder) else 0


PROBES = {
    "torch.inductor.cache": probe(
        "volatile", "entries in the cache folder", "TORCHINDUCTOR_CACHE_DIR", _inductor_cache
    ),
    "torch.inductor.fallback_random": _compiler_setting("torch._inductor.config", "fallback_random"),
    "torch.inductor.max_autotune": _compiler_setting("torch._inductor.config", "max_autotune"),
    "torch.inductor.deterministic": _compiler_setting("torch._inductor.config", "deterministic"),
    "torch.inductor.emulate_casts": _compiler_setting("torch._inductor.config", "emulate_precision_casts"),
    "torch.dynamo.disable": _compiler_setting("torch._dynamo.config", "disable"),
    "torch.dynamo.suppress_errors": _compiler_setting("torch._dynamo.config", "suppress_errors"),
}
