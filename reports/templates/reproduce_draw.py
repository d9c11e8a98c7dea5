"""Draws one number in each of several fresh processes, and exits with 1 if they differ: nothing seeds the generator."""

import subprocess
import sys

DRAW = "{draw}"
PROCESSES = 6

command = [sys.executable, "-c", DRAW]
found = [subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout for _ in range(PROCESSES)]
others = sum(one != found[0] for one in found)
print("%s: %d of %d calls differed from the first" % (DRAW, others, len(found) - 1))
sys.exit(1 if others else 0)
