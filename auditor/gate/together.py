"""One audit and the replays beside it, as one manifest to judge: a project's policy asks for both."""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import UsageError
from ..manifest.models import Manifest

DIRTY = "code.dirty"


def joined(manifests: Sequence[Manifest]) -> Manifest:
    """
    The audit with the replays of the other manifests; the only one unchanged.

    The commits of all are kept, so that one about another commit is seen; so are the oldest time and any dirty tree.
    Raises UsageError if two of them are audits.
    """
    audits = [one for one in manifests if one.predicate.findings or one.predicate.readings]
    if len(audits) > 1:
        raise UsageError(
            f"{len(audits)} of the manifests are audits",
            "Nothing was judged. Name one audit, and beside it manifests of `auditor replay --attach`.",
        )
    first = audits[0] if audits else manifests[0]
    others = [one for one in manifests if one is not first]
    if not others:
        return first
    oldest = min((one.predicate.run.finished_on for one in manifests), default="")
    dirty = [fact for one in manifests if (fact := one.predicate.facts.get(DIRTY)) and fact.value is True]
    predicate = first.predicate.model_copy(
        update={
            "replays": [replay for one in (first, *others) for replay in one.predicate.replays],
            "run": first.predicate.run.model_copy(update={"finished_on": oldest}),
            "facts": {**first.predicate.facts, **({DIRTY: dirty[0]} if dirty else {})},
        }
    )
    commits = [subject for one in others for subject in one.subject if subject.digest.git_commit]
    return first.model_copy(update={"predicate": predicate, "subject": [*first.subject, *commits]})
