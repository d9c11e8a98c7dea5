"""Planted checks and readings, for tests of rules."""

from auditor.catalogue.catalogue import CheckInfo
from auditor.manifest.models import Reading


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
