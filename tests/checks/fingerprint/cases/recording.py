"""What the scripts of this folder share; they run in the audited Python, with the repository as their argument."""

import json
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])

from checks.fingerprint import digest

groups = {}
"""Group to label to digest."""


def case(group, label, make):
    """Note the digest of what `make` returns, or "refused: " and why."""
    try:
        found = digest(make())
    except TypeError as refused:
        found = f"refused: {refused}"
    assert label not in groups.setdefault(group, {}), (group, label)
    groups[group][label] = found


def cases(group, **made):
    """Several cases of one group by their labels."""
    for label, make in made.items():
        case(group, label, make)


def tell():
    """Print all groups, as the last line."""
    print(json.dumps(groups))
