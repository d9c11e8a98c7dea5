"""
Runs many audits with the checks in shuffled order, and reports unstable findings.

Usage: `make soak`, or `python tools/soak.py --python PYTHON [--audits 20] [--tier quick] [--seed 0]`. A check is
unstable if its outcome or its deviating values change between audits. Race checks are expected to be unstable: for them
the share of audits in which each value deviated is printed, which is the power of one audit. Exit code 1 if another
check is unstable.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections import Counter, defaultdict

from auditor.audit.run import Audit, Options
from auditor.catalogue import catalogue
from auditor.manifest.models import Finding

Seen = dict[str, Counter[tuple[str, tuple[str, ...]]]]


def deviating(finding: Finding) -> tuple[str, ...]:
    """
    The names of the deviating values of a failed finding, as far as its evidence lists them.

    Values that differ under the same conditions and values that differ only between arms count alike: stale memory that
    happens to be equal moves a value from one group to the other.
    """
    told = [finding.evidence.get(key) for key in ("differing", "broken", "parted")]
    factors = finding.evidence.get("factors")
    told += factors.values() if isinstance(factors, dict) else []
    return tuple(sorted({str(name) for names in told if isinstance(names, (dict, list)) for name in names}))


def soak(options: argparse.Namespace, known: catalogue.Catalogue) -> Seen:
    """Check to its outcomes and deviating values, with the number of audits that gave them."""
    chosen = catalogue.select(known.checks, tier=options.tier)
    shuffler = random.Random(options.seed)
    seen: Seen = defaultdict(Counter)
    for number in range(options.audits):
        checks = shuffler.sample(list(chosen), len(chosen))
        audit = Audit(Options(options.python, checks, facts=False, timeout_seconds=options.timeout), known)
        for _ in audit.run():
            pass
        for finding in audit.findings:
            seen[finding.check][finding.outcome, deviating(finding)] += 1
        print(f"audit {number + 1} of {options.audits}: {len(audit.findings)} findings", flush=True)
    return seen


def told(check: catalogue.CheckInfo, found: Counter[tuple[str, tuple[str, ...]]]) -> list[str]:
    """The lines about an unstable check."""
    audits = sum(found.values())
    outcomes = Counter[str]()
    values = Counter[str]()
    for (outcome, names), count in found.items():
        outcomes[outcome] += count
        values.update(dict.fromkeys(names, count))
    kind = "a race" if check.quiet else "UNSTABLE"
    lines = [f"{check.id}: {kind}: " + ", ".join(f"{name} {count}" for name, count in outcomes.most_common())]
    named = ((name, count, power(count, audits)) for name, count in values.most_common())
    return lines + [f"    {name}: seen by {count} of {audits} audits{told}" for name, count, told in named]


def power(seen: int, audits: int) -> str:
    """If every audit saw a value: the lower 95 % bound on the chance that one audit sees it."""
    return f": one audit sees it in at least {0.05 ** (1 / audits):.0%} of cases (95 %)" if seen == audits else ""


def main() -> int:
    """Soak and print; see the module's docstring."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--python", required=True)
    parser.add_argument("--audits", type=int, default=20)
    parser.add_argument("--tier", default="quick", choices=("quick", "full"))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--timeout", type=float, default=3600.0)
    options = parser.parse_args()
    known = catalogue.load()
    seen = soak(options, known)
    checks = {check.id: check for check in known.checks}
    unsteady = [name for name in sorted(seen) if len(seen[name]) > 1]
    for name in sorted({*unsteady, *(name for name in seen if checks[name].quiet)}):
        print("\n".join(told(checks[name], seen[name])))
    flickering = [name for name in unsteady if not checks[name].quiet]
    print(f"{len(seen)} checks, {len(unsteady) - len(flickering)} races vary, {len(flickering)} others are unstable")
    return 1 if flickering else 0


if __name__ == "__main__":
    sys.exit(main())
