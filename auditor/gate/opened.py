"""Opens the manifest and the baseline of a gate: verified before anything in them is believed."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from ..errors import SignatureError, UsageError
from ..manifest import models
from ..manifest.models import Manifest
from ..manifest.profiles import check_versions, subject_problems
from ..manifest.strict_json import parse
from ..signing import local, trust
from ..signing.trusted_key import TrustedKey
from .policy.source import Source
from .verdict import Input

NOBODY = "unsigned: nobody vouches"
NOT_OWN = (
    "This machine's own key never counts for a gate: the audited code runs as the same user and could sign with it."
)
HOW = (
    "Nothing was judged. Sign audits with a key that CI keeps (`auditor audit --key KEY.pem`), and name its public key"
    f" with --key, --trust or `keys` in the policy. {NOT_OWN}"
)


def trusted(
    keys: Sequence[Path], trust_file: Path | None, source: Source, allowed_signers: Path | None = None
) -> list[TrustedKey]:
    """
    The keys that may sign: those of the options, else those of the policy; never this machine's own.

    Raises KeyFileError for a file without a valid key, UsageError if a key of the policy is absent.
    """
    found = trust.trusted_keys(keys, trust_file, allowed_signers) or [
        key for name in source.policy.keys for key in _of_policy(source, name)
    ]
    own = local.existing()
    return [key for key in found if own is None or key.verifier.keyid != own.keyid]


def _of_policy(source: Source, name: str) -> list[TrustedKey]:
    """The keys in a file that the policy names, from where the policy itself was read."""
    data = source.read(name)
    if data is None:
        raise UsageError(f"there is no key {name} ({source.told})", "Nothing was judged. Correct `keys` of the policy.")
    with tempfile.TemporaryDirectory(prefix="auditor-gate-") as folder:
        path = Path(folder) / Path(name).name
        path.write_bytes(data)
        found = trust.trusted_keys([path])
    return [replace(key, origin=f"`keys` of {source.told}: {name}") for key in found]


def manifest(path: Path, keys: Sequence[TrustedKey], source: Source) -> tuple[Manifest, Input]:
    """
    The verified manifest at a path, and who vouches for it.

    With `signature = "same-job"` in a policy of a revision, one that no trusted key signed is read too, and says so.
    Raises SignatureError (exit 4) for all others, ManifestError for one that cannot be read.
    """
    opened = trust.open_manifest(path, keys)
    if opened.standing != "trusted":
        _refuse(opened, source)
    told = opened.told if opened.standing == "trusted" else NOBODY
    return _read(
        opened.payload,
        Input(
            name=str(path),
            sha256=hashlib.sha256(opened.payload).hexdigest(),
            told=told if opened.standing != "trusted" else f"{told} ({opened.origin})",
            keyids=[*opened.keyids] if opened.standing == "trusted" else [],
        ),
    )


def baseline(data: bytes, name: str, keys: Sequence[TrustedKey]) -> tuple[Manifest, Input]:
    """The baseline in these bytes, which a trusted key signed. Raises SignatureError for any other."""
    if trust.is_bare(data):
        raise SignatureError(
            f"the baseline {name} is not signed",
            "Nothing was judged. Write it with `auditor gate MANIFEST --update-baseline --sign-with KEY.pem`.",
        )
    with tempfile.TemporaryDirectory(prefix="auditor-gate-") as folder:  # where no key lies beside it
        path = Path(folder) / trust.ENVELOPE_NAME
        path.write_bytes(data)
        try:
            opened = trust.require_trusted(trust.open_manifest(path, keys))
        except SignatureError as problem:
            raise SignatureError(f"the baseline {name} does not verify: {problem.message}", HOW) from problem
    sha256 = hashlib.sha256(opened.payload).hexdigest()
    return _read(opened.payload, Input(name=name, sha256=sha256, told=opened.told, keyids=[*opened.keyids]))


def _read(payload: bytes, about: Input) -> tuple[Manifest, Input]:
    document = parse(payload, "the manifest")
    check_versions(document)
    problems = subject_problems(document)
    if problems:
        raise SignatureError(
            f"{about.name}: the subjects do not match the recorded facts: {problems[0]}",
            "Nothing was judged. Audit again.",
        )
    return models.read(payload), about


def _refuse(opened: trust.Opened, source: Source) -> None:
    """Raise SignatureError unless the base policy alone lets an unsigned manifest pass."""
    if source.policy.signature == "same-job":
        if source.revision:
            return
        raise SignatureError(
            f"the manifest is {opened.told}",
            'Nothing was judged. `signature = "same-job"` counts only in a policy of `--policy-from REV`: a pull'
            " request cannot set it for itself.",
        )
    raise SignatureError(f"the manifest is {opened.told}", HOW)
