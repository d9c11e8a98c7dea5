"""Manifests with replays, for the formats that speak of them, and hostile ones."""

from __future__ import annotations

from dataclasses import replace

import audit_example
import hostile
from hypothesis import strategies as st

from auditor.manifest.models import Claim, Experiment, Left, Manifest, Replay, Seeding, Varied, payload_bytes
from auditor.report.source import Reported

FACTORS = [
    Varied(factor="threads", value="1", runs=2, verdict="diverged", first="aten::addmm at train.py:12"),
    Varied(factor="hash-seed", value="1", runs=1, verdict="identical", innocent=True),
    Varied(factor="compile", value="off", runs=1, verdict="identical", relative_difference=(2e-6).hex()),
    Varied(factor="isa", value="avx2", runs=1, verdict="inconclusive", note="it ended otherwise"),
]
IDENTICAL = Replay(
    verdict="identical",
    command=["python", "train.py", "--out", "out_dir"],
    runs=3,
    operations=18230,
    rate_bound_95=(0.7764).hex(),
    exit_codes=[0, 0, 0],
    files={"out_dir/model.pt": "ef" * 32},
    sensitivity=FACTORS,
    not_compared=[Left(what="cache/big.bin", why="larger than the limit")],
    operations_equal=True,
)
DIVERGED = Replay(
    verdict="diverged",
    command=["python", "train.py"],
    runs=3,
    operations=711,
    divergence={
        "op": "aten::index_put",
        "cause": "nondeterministic-op",
        "source": {"file": "train.py", "line": 24, "code": "loss.backward()"},
    },
    remedy={"text": "Call torch.use_deterministic_algorithms(True)", "proven": True},
    not_compared=[],
)
EXPERIMENT = Experiment(
    command=["python", "train.py"],
    seconds=61,
    operations=18230,
    signatures=12,
    seeds=[Seeding(generator="torch", seeded=True, draws=4), Seeding(generator="numpy", seeded=False, draws=1)],
)


def manifest(*replays, findings=None, experiment=None, **changed) -> Manifest:
    """The example with these replays."""
    made = audit_example.manifest(findings=findings, **changed)
    predicate = made.predicate.model_copy(update={"replays": [*replays], "experiment": experiment})
    return made.model_copy(update={"predicate": predicate})


def reported(made=None, *, signed=True, name="manifest.dsse.json", keyid="0123456789abcdef") -> Reported:
    """A manifest as a command opens it."""
    made = made or audit_example.manifest()
    told = "signed by a trusted key" if signed else "UNSIGNED: anyone could have written it"
    return Reported(made, payload_bytes(made), signed=signed, told=told, name=name, keyid=keyid if signed else "")


texts = hostile.texts | st.text(max_size=30) | st.sampled_from(("\\", "\\input{/etc/passwd}", "^^41", "%", "#1", "]]>"))
numbers = texts | st.sampled_from(("0x1.8p-1", "0x1.fffffffffffffp+999", "nan", ""))
varied = st.builds(
    Varied,
    factor=texts | st.just("threads"),
    value=texts,
    runs=st.integers(-2, 9),
    verdict=st.sampled_from(("identical", "diverged", "inconclusive")),
    first=texts,
    relative_difference=numbers,
    note=texts,
)
replays = st.builds(
    Replay,
    verdict=st.sampled_from(("identical", "diverged", "inconclusive")),
    partial=st.sampled_from(("", "budget", "interrupted")),
    command=st.lists(texts, max_size=3),
    runs=st.integers(-1, 10**6),
    operations=st.integers(-1, 10**9),
    rate_bound_95=numbers,
    files=st.dictionaries(texts, st.just("ab" * 32), max_size=2),
    divergence=st.dictionaries(st.sampled_from(("op", "cause", "source")), hostile.values, max_size=3),
    remedy=st.dictionaries(st.sampled_from(("text", "proven", "code")), hostile.values, max_size=3),
    problems=st.lists(texts, max_size=2),
    sensitivity=st.lists(varied, max_size=3),
    not_compared=st.none() | st.lists(st.builds(Left, what=texts, why=texts), max_size=5),
    operations_equal=st.none() | st.booleans(),
)

claims = st.builds(
    Claim,
    verdict=st.sampled_from(("confirmed", "not-confirmed", "too-few-runs")),
    metric=texts,
    reported=texts,
    spread=st.sampled_from(("", "sd", "sem", "range")),
    reportedRuns=st.integers(-1, 10**9),
    rule=st.sampled_from(("same-seeds", "other-seeds")),
    seeds=st.lists(texts, max_size=3),
    seedArgument=texts,
    command=st.lists(texts, max_size=3),
    values=st.lists(numbers, max_size=3),
    mean=numbers,
    own_spread=numbers,
    differs=st.lists(st.sampled_from(("mean", "spread")), max_size=3),
    divisor=st.sampled_from(("", "n", "n-1")),
    low=numbers,
    high=numbers,
    power=numbers,
    visible=numbers,
    needed=st.none() | st.integers(-1, 10**9),
    alike=st.booleans(),
    notes=st.lists(texts, max_size=2),
)


@st.composite
def hostile_reports(draw) -> Reported:
    """Everything that a stranger may write into a manifest, under a hostile file name."""
    made = draw(hostile.manifests())
    predicate = made.predicate.model_copy(
        update={"replays": draw(st.lists(replays, max_size=2)), "claims": draw(st.lists(claims, max_size=2))}
    )
    name = draw(texts.map(lambda text: text.replace("/", "").replace("\0", "") or "m"))
    return reported(made.model_copy(update={"predicate": predicate}), signed=draw(st.booleans()), name=name)


def timed(found: Reported) -> Reported:
    """The same with a time at which the audit finished, without which some formats refuse a manifest."""
    run = found.manifest.predicate.run.model_copy(update={"finished_on": "2026-11-22T12:00:45Z"})
    predicate = found.manifest.predicate.model_copy(update={"run": run})
    return replace(found, manifest=found.manifest.model_copy(update={"predicate": predicate}))
