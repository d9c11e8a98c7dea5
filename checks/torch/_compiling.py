"""What checks of compiled code share: whether Inductor can work here at all."""

from __future__ import annotations

import os
import shutil
import sys


def missing_compiler():
    """Why `torch.compile` cannot make CPU code here, or nothing: Inductor runs $CXX, else g++ (macOS: clang++)."""
    name = os.environ.get("CXX") or ("clang++" if sys.platform == "darwin" else "g++")
    return "" if shutil.which(name.split()[0]) else "torch.compile needs a C++ compiler, and there is no %s" % name
