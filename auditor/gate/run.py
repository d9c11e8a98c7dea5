"""One gate from its inputs to the verdict: reads the policy, verifies the manifests, judges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from pathlib import Path

from ..errors import UsageError
from ..manifest.models import Manifest
from ..signing.trusted_key import TrustedKey
from . import baseline, checkout, opened, together
from .policy import revision, source
from .policy.source import Source
from .policy.tables import BaselineTable
from .verdict import Input, Verdict, judge


@dataclass(frozen=True)
class Request:
    """What the command line asks for."""

    manifests: tuple[Path, ...]
    """One audit, and manifests of replays beside it."""
    folder: Path
    """The folder in which the gate runs."""
    keys: tuple[Path, ...] = ()
    trust_file: Path | None = None
    policy_from: str = ""
    """The revision of the policy; empty for the working tree."""
    baseline: str = ""
    """The baseline's path; empty for the policy's."""
    fail_new: bool = False
    allowed_signers: Path | None = None


def policy_of(folder: Path, policy_from: str = "") -> Source:
    """The policy of the working tree, or of a revision. Raises UsageError."""
    return revision.policy_at(policy_from, folder) if policy_from else source.in_working_tree(folder)


@dataclass(frozen=True)
class Judged:
    """A verdict, the policy that gave it, and the manifest that it is about."""

    verdict: Verdict
    source: Source
    manifest: Manifest
    keys: tuple[TrustedKey, ...]


def judged(request: Request) -> Judged:
    """The verdict on a manifest. Raises the errors of an unusable input."""
    found = policy_of(request.folder, request.policy_from)
    keys = opened.trusted(request.keys, request.trust_file, found, request.allowed_signers)
    subjects = [opened.manifest(path, keys, found) for path in request.manifests]
    found = with_baseline(found, request.baseline)
    table = found.policy.baseline
    fail_new = request.fail_new or bool(table and table.fail_new)
    if fail_new and table is None:
        raise UsageError(
            "--fail-new needs a baseline",
            "Nothing was judged. Name it with --baseline or in the policy; --update-baseline writes one.",
        )
    before = None
    if table is not None:
        before = opened.baseline(baseline.data_of(found, table.manifest), table.manifest, keys)
    return _judged(found, subjects, before, keys, fail_new=fail_new)


def judged_alone(request: Request) -> Judged:
    """The verdict without any baseline, which tells what a new one accepts; its policy names the baseline."""
    found = policy_of(request.folder)
    keys = opened.trusted(request.keys, request.trust_file, found, request.allowed_signers)
    subjects = [opened.manifest(path, keys, found) for path in request.manifests]
    plain = replace(found, policy=found.policy.model_copy(update={"baseline": None}))
    told = _judged(plain, subjects, None, keys, fail_new=False)
    return replace(told, source=with_baseline(found, request.baseline or baseline.default_name(found)))


def _judged(
    source: Source,
    subjects: Sequence[tuple[Manifest, Input]],
    before: tuple[Manifest, Input] | None,
    keys: Sequence[TrustedKey],
    *,
    fail_new: bool,
) -> Judged:
    here = checkout.of(source.folder, source.policy)
    manifest = together.joined([one for one, _ in subjects])
    inputs = [about for _, about in subjects]
    told = judge(source, (manifest, inputs), before, checkout=here, now=datetime.now(timezone.utc), fail_new=fail_new)
    return Judged(told, source, manifest, tuple(keys))


def with_baseline(found: Source, named: str) -> Source:
    """The policy with the baseline that an option names."""
    if not named:
        return found
    table = (found.policy.baseline or BaselineTable()).model_copy(update={"manifest": named})
    return replace(found, policy=found.policy.model_copy(update={"baseline": table}))
