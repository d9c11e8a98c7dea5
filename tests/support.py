"""What tests of checks share: measuring and judging one check in the audited environment, with faults planted."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

import outcomes
from forking import Forking

from auditor import rules
from auditor.audit import plan
from auditor.catalogue import catalogue
from auditor.factors.factors import CONFIRM
from auditor.interpreter.conversation import Request, ask
from auditor.interpreter.replies import Crashed, Ok, Reply
from auditor.manifest.models import Reading
from auditor.rules import suspects

ROOT = Path(__file__).resolve().parent.parent
AUDITED = os.environ.get("AUDITOR_TEST_PYTHON", str(ROOT / ".venv-audited" / "bin" / "python"))
"""The interpreter with the three real frameworks that `make test` made."""
LAYERS = os.environ.get("AUDITOR_TEST_LAYERS", str(ROOT / ".venv-layers" / "bin" / "python"))
"""The one that holds Keras, Flax, Haiku, transformers and ONNX Runtime as well, which `make test-slow` made."""
PROGRAMS = os.environ.get("AUDITOR_TEST_PROGRAMS", str(ROOT / ".venv-programs" / "bin" / "python"))
"""The one with the libraries of training programs, which `make programs` made; without it such tests are skipped."""


def measure(
    check_id: str, *, settings=None, setup: str = "", repeats: int = 1, python: str = AUDITED, names=()
) -> Reply | Crashed:
    """The one reply of a check in a new process (Ok, NotApplicable, Failed or Crashed); `names` restricts a check."""
    info = catalogue.load().check(check_id)
    request = Request(
        "measure",
        framework=plan.process_of(info),
        steps=[{"check": check_id, "repeats": repeats, **({"names": list(names)} if names else {})}],
        settings={**info.steady, **(settings or {})},
        setup=setup,
    )
    return list(ask(Forking(python), request))[-1]


def verdict(check_id: str, *, setup: str = "", python: str = AUDITED, names=(), repeats: int = 0) -> rules.Verdict:
    """
    Measure a check in all its arms, serially, and let its rule judge, asking again as an audit does.

    `setup` is the path of a set-up file: that is how tests plant faults, through the same door as a user's own code.
    `names` restricts a check with many cases to a few. `repeats` replaces the number of calls in one process: a planted
    fault that shows in every call needs no more than two.
    """
    info = catalogue.load().check(check_id)
    readings: list[Reading] = []
    wanted = plan.first_arms(info)
    asked: list[dict[str, str]] = []
    count = 0
    for _ in range(5):
        for arm in wanted:
            asked.append(dict(arm.settings))
            for _ in range(arm.processes):
                count += 1
                how = {"setup": setup, "python": python, "names": names or arm.names}
                how["repeats"] = repeats or plan.repeats(info, settings=arm.settings)
                readings += _readings(info, dict(arm.settings), f"process-{count}", how)
        answer = outcomes.judge(info, readings, asked)
        if isinstance(answer, rules.Verdict):
            return answer
        wanted = answer.arms or _confirmations(answer)
    raise AssertionError(f"{check_id} still asks after five rounds: {answer}")


def _confirmations(answer: rules.Ask) -> tuple[rules.Arm, ...]:
    """The arms that confirm or clear a request's suspects, as an audit of this check alone draws them."""
    number = suspects.processes_needed(suspects.suspected_names(answer.suspects))
    drawn = suspects.drawn(answer.suspects, number, secrets.SystemRandom())
    return tuple(arm for arms in drawn for arm in arms)


def _readings(info, settings, process, how) -> list[Reading]:
    told = {name: value for name, value in settings.items() if name != CONFIRM}
    reply = measure(info.id, settings=told, **how)
    assert isinstance(reply, Ok), reply
    return [
        Reading(check=info.id, process=process, repeat=number, settings=settings, values=values)
        for number, values in enumerate(reply.repeats)
    ]


def older_pythons() -> list[str]:
    """The interpreters of Python 3.8 to 3.13 that this machine has: on PATH, and pyenv's."""
    found = {}
    versions = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    for minor in range(8, 14):
        name = f"python3.{minor}"
        candidates = [Path(folder) / name for folder in os.environ["PATH"].split(os.pathsep) if "shims" not in folder]
        candidates += sorted(versions.glob(f"3.{minor}.*/bin/{name}"))
        existing = [path for path in candidates if path.exists()]
        if existing:
            found[name] = str(existing[0])
    return list(found.values())
