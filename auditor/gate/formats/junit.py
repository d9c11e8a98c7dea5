"""
The verdict as JUnit XML, as CI servers read it: one test case per result.

The form is that of the Jenkins schema (junit-10.xsd). What could not be measured is an `error`, never a pass; what is
accepted, or does not count, is `skipped` with the reason.
"""

from __future__ import annotations

from xml.etree import ElementTree as ET

from ...quoting.inert import visible
from ..rules.result import Result
from ..verdict import Verdict


def render(verdict: Verdict) -> str:
    """One suite with a case for each result."""
    results = verdict.results
    counts = {
        "tests": len(results),
        "failures": sum(one.counted == "fail" for one in results),
        "errors": sum(one.counted == "inconclusive" for one in results),
        "skipped": sum(_skipped(one) for one in results),
    }
    told = {name: str(count) for name, count in counts.items()}
    root = ET.Element("testsuites", {"name": "auditor gate", **{k: told[k] for k in ("tests", "failures", "errors")}})
    suite = ET.SubElement(root, "testsuite", {"name": "auditor gate", **told, "time": "0"})
    properties = ET.SubElement(suite, "properties")
    for name, value in _properties(verdict).items():
        ET.SubElement(properties, "property", {"name": name, "value": visible(value)})
    for result in results:
        _case(suite, result)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _properties(verdict: Verdict) -> dict[str, str]:
    found = {
        "manifest": " ".join(one.name for one in verdict.manifests),
        "manifest.sha256": " ".join(one.sha256 for one in verdict.manifests),
        "manifest.vouched-for": verdict.vouched,
        "policy": verdict.policy.name,
        "policy.sha256": verdict.policy.sha256,
        "exit-code": str(verdict.exit_code),
    }
    return {**found, "baseline.sha256": verdict.baseline.sha256} if verdict.baseline else found


def _skipped(result: Result) -> bool:
    return result.excused or result.state == "noted"


def _case(suite: ET.Element, result: Result) -> None:
    case = ET.SubElement(
        suite, "testcase", {"classname": f"auditor.{result.rule}", "name": visible(result.name), "time": "0"}
    )
    reason = visible(result.reason.replace("\n", " "))
    if result.accepted:
        why = f"accepted: {result.accepted.reason} ({result.accepted.owner}, until {result.accepted.expires})"
        ET.SubElement(case, "skipped", {"message": visible(why)})
    elif result.in_baseline:
        ET.SubElement(case, "skipped", {"message": f"the baseline has it: {reason}"})
    elif result.state == "noted":
        ET.SubElement(case, "skipped", {"message": reason})
    elif result.state != "pass":
        tag = "failure" if result.state == "fail" else "error"
        kind = result.severity or result.rule
        told = ET.SubElement(case, tag, {"message": reason, "type": kind})
        told.text = "\n".join(visible(line.replace("\n", " ")) for line in _lines(result))


def _lines(result: Result) -> list[str]:
    place = [f"at {result.where.file}:{result.where.line}"] if result.where else []
    remedy = [f"what to do: {result.remedy}"] if result.remedy else []
    return [result.reason, *place, *result.notes, *remedy]
