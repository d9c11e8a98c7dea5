"""
Asks NVIDIA's management library, in a process of its own: a driver that has lost its GPU can hang for ever.

Started by `host.py`, with the path of a file to which each fact is appended as soon as it is known.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .table import OF_A_DEVICE, OF_THE_SYSTEM, GpuFact

LARGEST_EXACT_INTEGER = 2**53
"""JSON's numbers are doubles for many readers: from here on integers travel as hexadecimal text."""


def portable(value: Any) -> Any:
    """A JSON value whose integers every reader reads alike."""
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
    """The state of a fact that the library refused, with its own words."""
    code = getattr(problem, "value", None)
    if code == nvml.NVML_ERROR_NOT_SUPPORTED:
        return {"state": "not-applicable", "reason": f"this GPU or driver has no such thing ({problem})"}
    if code in (nvml.NVML_ERROR_FUNCTION_NOT_FOUND, nvml.NVML_ERROR_NO_PERMISSION):
        return {"state": "unknown", "reason": f"the driver does not tell it: {problem}"}
    return {"state": "error", "reason": f"{type(problem).__name__}: {problem}"}


def read_all(nvml: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every fact, each with the state that the library gave it."""
    for name, fact in OF_THE_SYSTEM.items():
        try:
            yield name, {"state": "value", "value": portable(fact.read(nvml))}
        except Exception as problem:  # noqa: BLE001 - it is the state of that fact alone
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
    """Number of the device to value; what one device does not tell is None beside those that do."""
    values: dict[str, Any] = {}
    problems = list(lost)
    for number, handle in enumerate(handles):
        values[str(number)] = None
        if handle is None:
            continue
        try:
            values[str(number)] = portable(fact.read(nvml, handle, handles))
        except Exception as problem:  # noqa: BLE001 - it is the state of that fact alone
            problems.append(problem)
    if not handles:
        return {"state": "not-applicable", "reason": "the driver runs, and sees no GPU"}
    if all(value is None for value in values.values()):
        return missing(nvml, problems[0])
    return {"state": "value", "value": values}


def main(path: str) -> None:
    """Append one JSON line per fact; a first line alone says why there are none."""
    with Path(path).open("a", encoding="utf-8") as lines:
        try:
            pynvml = importlib.import_module("pynvml")  # absent or broken, that is the answer
            pynvml.nvmlInit()
            for name, answer in read_all(pynvml):
                lines.write(json.dumps({"name": name, **answer}) + "\n")
                lines.flush()
        except Exception as problem:  # noqa: BLE001 - it is the answer
            lines.write(
                json.dumps({"name": "", "state": "unknown", "reason": f"{type(problem).__name__}: {problem}"}) + "\n"
            )
