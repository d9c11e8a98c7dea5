"""Prepares its data in the first run, keeps fewer digits of them in a cache, and reads these later."""

import os
import pathlib

cache = pathlib.Path(os.environ["XDG_CACHE_HOME"]) / "prepared.txt"
if cache.exists():
    value = float(cache.read_text())
else:
    value = 0.1 + 0.2
    cache.write_text("%.2f" % value)
print("value=%.17g" % value)
