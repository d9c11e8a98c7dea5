"""Planted checks and readings, for tests of rules."""

import random

from auditor import rules
from auditor.catalogue.catalogue import CheckInfo
from auditor.factors.factors import CONFIRM
from auditor.manifest.models import Reading
from auditor.rules import suspects


def check(**declared):
    """A check of torch under the rule `identical`, unless told otherwise."""
    declared = {"rule": "identical", "across": ("repeat",), "severity": "high", **declared}
    return CheckInfo(id="torch-planted", framework="torch", title="T.", why="W", remedy="R", tier="full", **declared)


def reading(values, process="torch-1", repeat=0, **settings):
    """One reading; names of settings have underscores here."""
    named = {name.replace("_", "-"): value for name, value in settings.items()}
    return Reading(check="torch-planted", process=process, repeat=repeat, settings=named, values=values)


def processes(*values, **settings):
    """A reading of each of several processes; each value is a map, or the value of `op`."""
    told = [value if isinstance(value, dict) else {"op": value} for value in values]
    place = "-".join(settings.values()) or "untouched"
    return [reading(value, f"{place}-{number}", **settings) for number, value in enumerate(told)]


def stages(traced="t", optimised="o", result="r"):
    """The value of a compiled program, as `staged` reads it."""
    return {"stages": [["traced", traced], ["optimised", optimised], ["result", result]]}


def agreement(compiled_error=1e-7, **changed):
    """The value of a tensor, as `within` reads it: an eager error of 1e-7 and a scale of 1."""
    made = {
        "bits_equal": False,
        "same_shape_and_dtype": True,
        "not_finite": 0,
        "eager_error": (1e-7).hex(),
        "compiled_error": float(compiled_error).hex(),
        "scale": (1.0).hex(),
        "eps": (2.0**-23).hex(),
        "reduction": 64,
        "max_ulp": 3,
        "eager": "e",
        "compiled": "c",
    }
    return made | changed


def played(declared, readings, answer, asked=(), coin=None):
    """The verdict of a check: every request of its rule is answered by `answer(settings)`, the values of a process."""
    readings, asked, coin = [*readings], [*asked], coin or random.Random(0)
    for _ in range(6):
        told = rules.judge(declared, readings, asked)
        if isinstance(told, rules.Verdict):
            return told
        arms = told.arms or [arm for one in confirmations(told, coin) for arm in one]
        for arm in arms:
            asked.append(dict(arm.settings))
            settings = {name.replace("-", "_"): value for name, value in arm.settings.items()}
            varied = {name: value for name, value in arm.settings.items() if name != CONFIRM}
            for number in range(arm.processes):
                values = answer(varied)
                values = values if isinstance(values, dict) else {"op": values}
                readings += [
                    reading(values, f"{settings}-{number}", repeat, **settings) for repeat in range(declared.repeats)
                ]
    raise AssertionError("asked for ever")


def confirmations(ask, coin=None):
    """The arms of a request's suspects, as an audit draws them."""
    number = suspects.processes_needed(suspects.suspected_names(ask.suspects))
    return suspects.drawn(ask.suspects, number, coin or random.Random(0))
