"""`auditor audit -- COMMAND`: run the program under the recorder, and add to the audit what it calls."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import click

from ..audit.defaults import differences
from ..audit.run import Audit
from ..catalogue.catalogue import Catalogue
from ..container.target import AuditTarget
from ..errors import INCONCLUSIVE, NothingToAuditError, worst
from ..experiment import findings, measure, model, portable, price, reach, run
from ..experiment.outcome import Measurement
from ..experiment.run import Limits, Recorded
from ..experiment.tables import Signature
from ..manifest.models import Experiment, Fact
from ..privacy.modes import Privacy

REASON = "the Python of the program that was run"
UNSEEN = (
    "Not recorded are programs other than Python, `python -I`, `-E` and `-S`, scripts that clear the environment, and"
    " other machines and containers."
)


@dataclass(frozen=True)
class Wanted:
    """What the command line says about a program."""

    command_line: Sequence[str]
    operators_of: str = ""
    for_seconds: float | None = None
    steps: int = 0
    budget_seconds: float = 0
    price: bool = False

    @property
    def limits(self) -> Limits:
        """When to end the program."""
        return Limits(self.for_seconds or math.inf, self.steps)


def opened(wanted: Wanted, known: Catalogue, privacy: Privacy, *, quiet: bool, as_json: bool) -> Program:
    """
    The program, after it was run; or the operators of another machine's.

    Raises NothingToAuditError if no Python process of it could be recorded.
    """
    if not wanted.command_line:
        return Program(wanted, portable.read(Path(wanted.operators_of)))
    if wanted.price:
        price.refuse(wanted.limits)
    stdout = sys.stderr.fileno() if as_json else None
    found = run.run(wanted.command_line, known.groups, privacy, wanted.limits, stdout=stdout)
    if found.ended == "interrupted":
        raise KeyboardInterrupt
    if not found.python:
        raise NothingToAuditError(
            f"no Python process of the command could be recorded (it ended with {found.exit_code})",
            f"Nothing was measured and nothing was written. {UNSEEN}",
        )
    if not quiet:
        _tell_run(found)
    return Program(wanted, found.observed.signatures, found)


def _tell_run(found: Recorded) -> None:
    seen = found.observed
    count = f"{len(seen.signatures)} operator signatures in {seen.operations} calls"
    why = found.unseen[0] if found.unseen else ""
    ran = f"the program ran for {found.seconds:.0f} s" + (f" ({why})" if why else "")
    click.echo(f"\nauditor: {why if found.ended == 'failed' else ran}; {count} were seen.", err=True)


@dataclass
class Program:
    """A program that was run, or the operators of another machine's."""

    wanted: Wanted
    signatures: Sequence[Signature]
    recorded: Recorded | None = None
    experiment: Experiment | None = None
    defaults: dict[str, Fact] = field(default_factory=dict)
    """The facts that the program changed, as a bare interpreter has them."""
    files: dict[str, bytes] = field(default_factory=dict)
    """What the audit's folder holds besides what is rendered from the manifest."""

    @property
    def python(self) -> str:
        """The interpreter of the program; empty for another machine's."""
        return self.recorded.python if self.recorded else ""

    def target(self, target: AuditTarget) -> AuditTarget:
        """The target of the audit, with the reason why this Python is audited."""
        if self.recorded is None:
            return target
        return replace(target, audited=replace(target.audited, reason=REASON))

    def settle(self, audit: Audit, python: str, *, quiet: bool) -> None:
        """Measure the operators, and add findings, facts and the experiment to the audit."""
        nameless = audit.privacy.mode == "anonymous"
        if nameless:
            self.signatures = [one.without_names() for one in self.signatures]
        tell = (lambda _text: None) if quiet else (lambda text: click.echo(f"auditor: {text}", err=True))
        measurement = Measurement()
        if self.wanted.budget_seconds:
            measurement = measure.measure(python, self.signatures, self.wanted.budget_seconds, tell)
        if self.recorded is not None:
            checks = {one.id: one for one in audit.options.checks}
            data = reach.shipped_data()
            audit.findings = reach.settle(audit.findings, checks, self._for_reach(self.recorded), measurement, data)
        operators = portable.document(self.signatures, audit.privacy)
        self.files[portable.NAME] = operators
        audit.findings.append(findings.of_operators(measurement))
        if self.recorded is None:
            self.experiment = model.of_file(self.signatures, measurement, operators)
        else:
            self.experiment = model.of_program(self.recorded, measurement, operators)
            if nameless:
                self.experiment = model.without_names(self.experiment)
            audit.findings.append(findings.of_seeds(self.experiment.seeds, self.recorded.unseen))
            self._take_facts(audit)
        if self.wanted.price and self.recorded is not None:
            cost = price.price(self.wanted.command_line, self.wanted.limits, tell)
            self.experiment = self.experiment.model_copy(update={"price": cost})
        audit.findings.sort(key=lambda one: one.check)

    def _for_reach(self, recorded: Recorded) -> reach.Program:
        beyond = recorded.observed.beyond
        frameworks = reach.frameworks_of([*(one.operator for one in self.signatures), *beyond])
        return reach.Program(self.signatures, frameworks, recorded.unseen, beyond)

    def _take_facts(self, audit: Audit) -> None:
        """Give the audit the facts of the real run; keep those of a bare interpreter that differ."""
        main = self.recorded.main if self.recorded else None
        if main is None:
            return
        changed = differences(audit.facts, main.facts)
        audit.facts.update({key: one.real for key, one in changed.items()})
        self.defaults = {key: one.default for key, one in changed.items()}

    def exit_code(self, code: int) -> int:
        """3 where the program failed by itself and no finding counts."""
        failed = self.recorded is not None and self.recorded.ended == "failed"
        return worst(code, INCONCLUSIVE) if failed else code
