"""
Queries NVIDIA's management library in a separate process, since a driver that has lost its GPU can hang for ever.

`host.py` starts it with the path of a file, to which it appends each fact as soon as it is read.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .table import OF_A_DEVICE, OF_THE_SYSTEM, GpuFact

LARGEST_EXACT_INTEGER = 2**53
"""Many readers parse JSON numbers as doubles; integers from this one on are written as hexadecimal text."""


def portable(value: Any) -> Any:
    """A JSON value whose integers every reader parses exactly."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, dict):
        return {name: portable(item) for name, item in value.items()}
    if isinstance(value, list):
        return [portable(item) for item in value]
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= LARGEST_EXACT_INTEGER:
        return hex(value)
    return value


def missing(nvml: Any, problem: Exception) -> dict[str, str]:
    """The state and reason of a fact for which the library raised an error."""
    code = getattr(problem, "value", None)
    if code == nvml.NVML_ERROR_NOT_SUPPORTED:
        return {"state": "not-applicable", "reason": f"this GPU or driver does not support it ({problem})"}
    if code in (nvml.NVML_ERROR_FUNCTION_NOT_FOUND, nvml.NVML_ERROR_NO_PERMISSION):
        return {"state": "unknown", "reason": f"the driver does not report it: {problem}"}
    return {"state": "error", "reason": f"{type(problem).__name__}: {problem}"}


def read_all(nvml: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every fact with its state."""
    for name, fact in OF_THE_SYSTEM.items():
        try:
            yield name, {"state": "value", "value": portable(fact.read(nvml))}
        except Exception as problem:  # noqa: BLE001 - recorded as the state of this fact
            yield name, missing(nvml, problem)
    handles: list[Any] = []
    lost: list[Exception] = []
    for number in range(nvml.nvmlDeviceGetCount()):
        try:
            handles.append(nvml.nvmlDeviceGetHandleByIndex(number))
        except nvml.NVMLError as problem:
            handles.append(None)
            lost.append(problem)
    for name, fact in OF_A_DEVICE.items():
        yield name, _of_each(nvml, fact, handles, lost)


def _of_each(nvml: Any, fact: GpuFact, handles: list[Any], lost: list[Exception]) -> dict[str, Any]:
    """Device number to value; None for a device that does not report it."""
    values: dict[str, Any] = {}
    problems = list(lost)
    for number, handle in enumerate(handles):
        values[str(number)] = None
        if handle is None:
            continue
        try:
            values[str(number)] = portable(fact.read(nvml, handle, handles))
        except Exception as problem:  # noqa: BLE001 - recorded as the state of this fact
            problems.append(problem)
    if not handles:
        return {"state": "not-applicable", "reason": "the driver runs but reports no GPU"}
    if all(value is None for value in values.values()):
        return missing(nvml, problems[0])
    return {"state": "value", "value": values}


def main(path: str) -> None:
    """Append one JSON line per fact; a line without a name gives the reason why facts are missing."""
    with Path(path).open("a", encoding="utf-8") as lines:
        try:
            pynvml = importlib.import_module("pynvml")  # if absent or broken, that is recorded
            pynvml.nvmlInit()
            for name, answer in read_all(pynvml):
                lines.write(json.dumps({"name": name, **answer}) + "\n")
                lines.flush()
        except Exception as problem:  # noqa: BLE001 - recorded as the reason
            lines.write(
                json.dumps({"name": "", "state": "unknown", "reason": f"{type(problem).__name__}: {problem}"}) + "\n"
            )
