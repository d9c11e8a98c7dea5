"""
Runs a few lines of Python in fresh processes, and exits with 1 if their output differs.

The lines show the cause in its smallest form. They are not the experiment's own line, which is named below and needs
its program to run.
"""

import subprocess
import sys

CAUSE = "{cause}"
LINE = "{line}"
SHOWN = "{shown}"
PROCESSES = 6

found = []
for number in range(PROCESSES):
    command = [sys.executable, "-c", SHOWN, str(number)]
    found.append(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
others = sum(one != found[0] for one in found)
print("The experiment's line: %s" % LINE)
print("%s: %d of %d calls differed from the first" % (CAUSE, others, len(found) - 1))
sys.exit(1 if others else 0)
