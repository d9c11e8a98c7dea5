"""A table over a closed list has an entry for each member: adding a member to one list alone is caught here."""

import re
from pathlib import Path
from typing import get_args

import audit_example
import pytest

from auditor import cli, errors, rules
from auditor.audit import findings
from auditor.catalogue.catalogue import CheckInfo, FactGroup, Tier
from auditor.catalogue.contracts import CONTRACTS, NOT_FOR
from auditor.cli import compare as compare_command
from auditor.cli import container as container_command
from auditor.cli import probe
from auditor.cli import remedy as remedy_command
from auditor.cli import replay as replay_command
from auditor.compare import candidates, entries, facts
from auditor.compare import table as effects
from auditor.compare.comparison import ComparisonVerdict
from auditor.compare.operators import OperatorKind
from auditor.compare.table.rule import MEASURED, REASONING, Basis, CauseKind, Effect, EffectRule
from auditor.experiment import outcome
from auditor.factors import cures, factors
from auditor.frameworks import FRAMEWORKS
from auditor.manifest import models, program, queries
from auditor.remedy.model import Status
from auditor.render import (
    attached,
    comparison,
    markdown,
    operators,
    rebuild,
    remedy,
    sections,
    summary,
    terminal,
    traces,
)
from auditor.render import replay as rendered_replay
from auditor.replay import model as replay_model
from auditor.replay.cause import sensitivity
from auditor.signing import trust

UNVARIED = {
    "contention": "it needs a busy machine for the whole run",
    "compile-cache": "it belongs to a check's processes, not to a user's program",
    "autotune": "it belongs to a check's processes, not to a user's program",
    "data-cache": "each run would download again what the program keeps there",
    "keras-backend": "another backend is another program",
}
"""Factors that `--vary` does not offer, and why."""


def members(annotation):
    """The members of a Literal, as a set."""
    return set(get_args(annotation))


def of_field(model, name):
    """The members of the Literal that a model's field is declared with."""
    return members(model.model_fields[name].annotation)


PROOF = ("python", "setup", "timeout", "runs")


def exit_codes(module):
    """Every exit code that the module of errors defines."""
    return {value for name, value in vars(module).items() if name.isupper() and isinstance(value, int)}


def commands(folder):
    """The commands with a file of their own in a folder of the command line, and those with a folder."""
    found = [path for path in folder.iterdir() if (path.parent / path.name / "__init__.py").exists() or path.suffix]
    defines = re.compile(r"^(?:def command\(|command\b\s*[:=])", re.MULTILINE)
    return {path.stem for path in found if not path.stem.startswith("_") and defines.search(_text(path))}


def _text(path):
    return (path / "__init__.py" if path.is_dir() else path).read_text(encoding="utf-8")


def parameters(command):
    """The names of a command's parameters."""
    return {parameter.name for parameter in command.params}


def report(mode):
    """The report of the example, written in this mode of privacy."""
    manifest = audit_example.manifest()
    predicate = manifest.predicate
    run = predicate.run.model_copy(update={"privacy": mode})
    changed = manifest.model_copy(update={"predicate": predicate.model_copy(update={"run": run})})
    return markdown.render(changed, audit_example.PAYLOAD_SHA256)


TABLES = {
    "outcome words": (members(models.Outcome), summary.OUTCOME_WORDS),
    "outcomes, the worst first": (members(models.Outcome), findings.WORST_FIRST),
    "documented?": ({None, *members(models.Known)}, summary.KNOWN_WORDS),
    "known, in order": ({None, *members(models.Known)}, queries.KNOWN_ORDER),
    "severities, in order": (members(models.Severity), models.SEVERITIES),
    "styles of severities": (members(models.Severity), terminal.SEVERITY_STYLES),
    "facts without a value": (members(models.FactState) - {"value"}, sections.without_value({})),
    "states of a compared entry": ({*members(models.FactState), "absent", "not-recorded"}, get_args(entries.State)),
    "effects by role": (members(models.Role), effects.BY_ROLE),
    "effects, in order": (members(Effect), [effect for effect, _ in comparison.EFFECTS]),
    "causes, in order": (members(CauseKind), candidates.ORDER),
    "verdicts of a comparison": (members(ComparisonVerdict), comparison.VERDICTS),
    "exit codes of compare": (members(ComparisonVerdict), compare_command.EXIT_CODES),
    "kinds of operators that differ": (members(OperatorKind), operators.KINDS),
    "verdicts of traces": (of_field(replay_model.TraceComparison, "verdict"), traces.HEADLINES),
    "exit codes of traces": (of_field(replay_model.TraceComparison, "verdict"), compare_command.TRACE_EXIT_CODES),
    "kinds of partings": (of_field(replay_model.TaskDifference, "kind"), traces.KINDS),
    "verdicts of a replay in a manifest": (of_field(models.Replay, "verdict"), attached.REPLAY_WORDS),
    "what ended a replay, in the report": (of_field(models.Replay, "partial"), attached.PARTIAL_WORDS),
    "what ended a replay": (members(replay_model.Stopped), rendered_replay.PARTIAL),
    "exit codes of replay": (members(replay_model.Verdict), replay_command.EXIT_CODES),
    "a replay's verdict in both models": (members(replay_model.Verdict), of_field(models.Replay, "verdict")),
    "what an operator of a program does": (members(outcome.Outcome), program.OUTCOMES),
    "verdicts of a rebuild": (of_field(models.Rebuild, "verdict"), rebuild.WORDS),
    "standing, in trust": (members(trust.Standing), trust.STANDING_WORDS),
    "standing, in short": (members(trust.Standing), compare_command.SHORT_WORDS),
    "statuses of a proof": (members(Status), remedy.PROVEN),
    "rules": (of_field(CheckInfo, "rule"), rules.RULES),
    "frameworks of a check's process": ({"", *FRAMEWORKS}, of_field(CheckInfo, "on")),
    "frameworks of exceptions": ({*FRAMEWORKS}, {name for reasons in NOT_FOR.values() for name in reasons}),
    "imports before code lines": ({*FRAMEWORKS}, cures.IMPORTS),
    "tiers of a run": (members(Tier), of_field(models.Run, "tier")),
    "cures by name": ({cure.name for cure in cures.CURES.values()}, factors.CURE_SETTINGS),
    "factors by name": ({factor.name for factor in factors.FACTORS.values()}, factors.FACTORS),
    "factors of --vary": ({*factors.FACTORS}, {*sensitivity.VARIED, *sensitivity.STEADYING, *UNVARIED}),
    "exit codes, the first that holds": (exit_codes(errors), errors.PRECEDENCE),
    "commands": (commands(Path(cli.__file__).parent), cli.COMMANDS),
    "subcommands": (commands(Path(container_command.__file__).parent), container_command.SUBCOMMANDS),
    "options of a probe": (
        {*probe.OF_AN_ENVIRONMENT, *probe.OF_A_REAL_RUN},
        parameters(probe.command) - {"command_line", "timeout", "quiet", "as_json", "identify", "verbose"},
    ),
    "options of a proof": (
        {*remedy_command.OF_A_PROOF},
        {name for name in parameters(remedy_command.command) if name in PROOF},
    ),
}


@pytest.mark.parametrize("name", TABLES)
def test_a_table_has_each_member_and_no_other(name):
    """Both directions: a missing entry is a crash in front of a user, a superfluous one is dead."""
    listed, table = TABLES[name]

    assert set(table) == set(listed)
    assert len(table) == len(set(table))


def test_every_rule_of_the_table_of_effects_has_a_known_basis():
    """The basis follows from the source's text, and each kind occurs."""
    made = {EffectRule(("x",), "may", "reason", source).basis for source in ("a page", f"{MEASURED}x", REASONING)}

    assert made == members(Basis)
    assert {rule.effect for rule in effects.RULES} == members(Effect)
    assert {rule.cause for rule in effects.RULES} == members(CauseKind)


def test_states_that_hide_a_value_are_states_of_a_fact():
    """A state that was renamed in the model alone would never be met."""
    assert {*facts.BLIND} < members(models.FactState)


@pytest.mark.parametrize("mode", get_args(models.PrivacyMode))
def test_the_report_describes_every_mode_of_privacy(mode):
    """The template holds the words itself: a mode without any would end the audit with an error."""
    row = next(line for line in report(mode).splitlines() if line.startswith("| Privacy |"))

    assert len(row) > len("| Privacy |  |")


@pytest.mark.parametrize("factor", factors.FACTORS.values(), ids=lambda factor: factor.name)
def test_a_factor_belongs_to_a_contract_and_to_a_cause(factor):
    """A finding goes to the factor's contract, and a replay names its cause."""
    assert factor.contract in CONTRACTS
    assert factor.cause in members(replay_model.Cause)


@pytest.mark.parametrize("name", sensitivity.VARIED)
def test_vary_knows_which_factors_no_result_may_depend_on(name):
    """The list of `--vary` and the declaration of the factor agree."""
    assert (name in sensitivity.INNOCENT) == factors.FACTORS[name].innocent


def test_pooled_factors_are_factors_on_which_no_result_may_depend():
    """A legitimate change of numbers in the perturbed process would be called a fault."""
    assert all(factors.FACTORS[name].innocent for name, _ in factors.POOLED)
    assert {*factors.IN_PROCESS} <= {name for name, _ in factors.POOLED}


def test_a_group_of_facts_is_read_before_or_after_the_checks():
    """The plan orders the steps by these two words."""
    assert of_field(FactGroup, "when") == {"before", "after"}
