"""
Whether what decides a divergence lies outside the program: a cause that no factor can prove.

Two things show it. Either the origin shows with every factor fixed at once that can be fixed in any program. Or the
line of the origin reads a live file, a socket, another process or a gauge of the system, and each factor that was
tried left the origin in place. Where the search ended before (budget, runs that failed) nothing is shown, and the cause
is unknown.
"""

from __future__ import annotations

import re

from ..provenance.origin_model import Origin
from .counterfactual import Tests
from .hypotheses import every_factor

ADVICE = (
    "Find what changes outside the program, and give each run the same: a file that another program or an earlier run"
    " writes, the network, another program's answer, the load of the machine, random numbers of a compiled extension."
)
LIVE = {
    "a socket or the network": r"socket|recv|urlopen|urlretrieve|requests\.|httpx\.|\.getaddrinfo",
    "another process": r"subprocess|check_output|popen|\.communicate\(",
    "a gauge of the system": r"getloadavg|psutil|/proc/|/sys/|getrusage|disk_usage|statvfs|cpu_times",
    "a file": (r"\bopen\(|\.read\(|\.readline|read_text|read_bytes|\bload\(|loadtxt|read_csv|fromfile|memmap|\.stat\("),
}
"""What a line reads from outside, by the functions that its code calls."""
_LIVE = {what: re.compile(pattern) for what, pattern in LIVE.items()}


def shown(tests: Tests, origin: Origin | None) -> str:
    """The sentence that says why the cause lies outside the program; empty if that is not shown."""
    if tests.proven is not None:
        return ""
    tried = {one.hypothesis.factor for one in tests.each}
    if tests.outside and tried >= every_factor():
        where = f"; its line reads {what}" if (what := live_read(origin)) else ""
        return f"It shows with every factor fixed at once ({', '.join(sorted(tried))}){where}."
    refuted = bool(tests.each) and all(one.tried.diverged and not one.tried.note for one in tests.each)
    if refuted and tests.complete and (what := live_read(origin)):
        return f"Its line reads {what}, and it shows with each factor that was tried ({', '.join(sorted(tried))})."
    return ""


def live_read(origin: Origin | None) -> str:
    """What the line of the origin reads from outside, in words; empty if its code names nothing of that kind."""
    code = origin.source.code if origin else ""
    return next((what for what, pattern in _LIVE.items() if pattern.search(code)), "")
