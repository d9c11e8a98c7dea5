"""
The kind of failures that the user's own set-up causes.

A failed check of a release is measured again without the set-up file and without the variables that switch frameworks.
If it then passes, the user's set-up decides it, and the finding's kind is `setup`.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Mapping, Sequence
from dataclasses import replace

from ..interpreter.launcher import Here
from ..manifest.models import Finding
from .run import Audit, AuditEvent

SWITCHES = (
    *("TF_", "TF32", "XLA_", "JAX_", "KERAS_", "TORCH", "PYTORCH_", "ATEN_", "INDUCTOR", "AOT", "TRITON_"),
    *("CUBLAS", "CUDNN_", "NVIDIA_TF32", "NCCL_", "DNNL_", "ONEDNN_", "MKL_", "MALLOC_", "GLIBC_TUNABLES"),
)
"""Prefixes of variables that switch what frameworks and their libraries compute."""
ELSEWHERE = ("PATH", "DIR", "HOME", "ROOT", "FILE", "PREFIX", "FOLDER", "PLATFORMS", "THREADS", "LEVEL")
"""
Last words of names of other variables: places, the device, the number of threads, how much is logged.

Many people set them, none makes a result wrong, and without some of them the process would fail for another reason.
"""


def switches(environment: Mapping[str, str]) -> frozenset[str]:
    """The variables that switch what frameworks compute."""
    return frozenset(
        name for name in environment if name.startswith(SWITCHES) and name.rpartition("_")[2] not in ELSEWHERE
    )


def settle(audit: Audit) -> Generator[AuditEvent, None, None]:
    """
    Measure the failed checks of releases again without the user's set-up, if there is any, and set their kinds.

    Call it after `run`; it changes `audit.findings`. A check that saw another's failure runs again with it. Image
    environments keep their variables: only a set-up file is left out there.
    """
    options = audit.options
    set_here = switches(os.environ) if options.launcher is None else frozenset()
    failed = [item for item in audit.findings if item.outcome == "fail" and item.kind == "release"]
    if not failed or not (options.setup or set_here):
        return
    names = {item.check for item in failed} | {str(item.evidence.get("seen by", "")) for item in failed}
    bare = Audit(
        replace(
            options,
            checks=[check for check in options.checks if check.id in names],
            facts=False,
            setup="",
            launcher=options.launcher or Here(options.python, set_here),
        ),
        audit.catalogue,
        privacy=audit.privacy,
    )
    for event in bare.run():
        if not isinstance(event, Finding):
            yield replace(event, text=f"without your set-up: {event.text}")
    passed = {item.check for item in bare.findings if item.outcome == "pass"}
    left_out = [*(["the set-up file"] if options.setup else []), *sorted(set_here)]
    audit.findings = [_of_setup(item, left_out) if item.check in passed else item for item in audit.findings]


def _of_setup(item: Finding, left_out: Sequence[str]) -> Finding:
    """The finding, with what was left out when its check passed: that it is the cause was not measured by repeats."""
    evidence = {**item.evidence, "passed without": list(left_out)}
    message = f"{item.message}. It passed once without {', '.join(left_out)}"
    return item.model_copy(update={"kind": "setup", "reach": None, "evidence": evidence, "message": message})
