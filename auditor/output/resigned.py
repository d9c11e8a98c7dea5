"""Signs a manifest or an audit folder that exists: envelope, list of files, and the public key beside them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from .. import __version__
from ..errors import ManifestError, OutputError, SignatureError
from ..manifest.models import read
from ..manifest.profiles import subject_problems
from ..manifest.strict_json import canonical, parse
from ..signing import envelope, file_list, files, folder, timestamp
from ..signing.file_list import LIST_NAME, ListedFile
from ..signing.folder import GIT_FILES
from ..signing.interface import Signer
from ..signing.trust import ENVELOPE_NAME, PAYLOAD_NAME, PUBLIC_KEY_NAME, is_bare, locate, read_limited
from . import audit_folder


def sign_file(path: Path, signer: Signer, output: Path | None = None) -> None:
    """
    Add a signature to an envelope, or make one around a bare manifest; in `output`, else in its place.

    Raises ManifestError for what is no sound manifest, OutputError.
    """
    place = locate(path)
    data = read_limited(place)
    bare = is_bare(data)
    before = _unsigned(data) if bare else envelope.read(data)
    _refuse_invalid(before.payload)
    signed = envelope.write(envelope.add_signature(before, signer))
    target = output or (place.with_name(ENVELOPE_NAME) if bare else place)
    _put(target, signed, new=bare or output is not None)
    if bare and output is None:
        _publish(target.with_name(PUBLIC_KEY_NAME), signer)


def sign_folder(path: Path, signer: Signer) -> list[str]:
    """
    Sign an audit folder's manifest and the list of its files; returns notes.

    Files that are not what the folder's list or its manifest gives are not vouched for: raises SignatureError.
    """
    data = read_limited(locate(path))
    if is_bare(data):
        return _sign_bare(path, data, signer)
    signed = envelope.read(data)
    _refuse_invalid(signed.payload)
    place = path / LIST_NAME
    if not place.is_file():
        sign_file(path, signer)
        return ["auditor: the folder has no signed list of files, so only its manifest was signed"]
    listed = envelope.read(read_limited(place))
    _refuse_changed(path, file_list.read(listed.payload), signed.payload)
    _put(place, envelope.write(envelope.add_signature(listed, signer)), new=False)
    sign_file(path, signer)
    return []


def write_listed(root: Path, texts: Mapping[Path, bytes], removed: tuple[Path, ...], signer: Signer) -> None:
    """
    Write files into a signed folder and sign its list anew; the earlier signatures of the list end, as do its bytes.

    The caller has verified the folder. Raises OutputError.
    """
    payload = envelope.read(read_limited(root / ENVELOPE_NAME)).payload
    before = file_list.read(envelope.read(read_limited(root / LIST_NAME)).payload)
    listed = dict(before.files)
    for path in removed:
        path.unlink(missing_ok=True)
        listed.pop(path.relative_to(root).as_posix(), None)
    for path, data in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        _put(path, data, new=not path.exists())
        listed[path.relative_to(root).as_posix()] = ListedFile(*folder.digest_of(path))
    statement = file_list.statement(listed, payload, __version__)
    _put(root / LIST_NAME, envelope.write(envelope.sign(statement, signer)), new=False)


def not_vouched(what: str) -> SignatureError:
    """The error for what was not signed because it does not verify."""
    return SignatureError(
        what, "Nothing was signed: a signature would vouch for it. Get the folder again from its origin."
    )


def _sign_bare(path: Path, data: bytes, signer: Signer) -> list[str]:
    """Sign a folder that was written unsigned: its files are rendered again, since they say UNSIGNED."""
    manifest = read(data)
    compared = audit_folder.compare(path, manifest, data, ())
    if compared.problems():
        raise not_vouched(f"{path} is not as it was written: {'; '.join(compared.problems())}")
    sign_file(path, signer)
    payload = envelope.read(read_limited(path / ENVELOPE_NAME)).payload
    if payload != data:
        _put(path / PAYLOAD_NAME, payload, new=False)
    if manifest.predicate.auditor.version == __version__:
        for name, text in audit_folder.rendered(manifest, payload).items():
            _put(path / name, text, new=False)
    own = (ENVELOPE_NAME, *GIT_FILES)
    there = {
        name: ListedFile(*folder.digest_of(place))
        for name, place in folder.present(path)
        if name not in own and not folder.is_litter(name)
    }
    statement = file_list.statement(there, payload, __version__)
    _put(path / LIST_NAME, envelope.write(envelope.sign(statement, signer)), new=True)
    return []


def _refuse_changed(path: Path, listed: file_list.FileList, payload: bytes) -> None:
    """Raise SignatureError if a file is not as the list says, or the list is another manifest's."""
    place = path / ENVELOPE_NAME
    stamps = (file.name for file, _ in timestamp.beside(place, envelope.read(read_limited(place))))
    compared = folder.compare_listed(path, listed, frozenset({ENVELOPE_NAME, *stamps}))
    problems = compared.problems()
    if not file_list.belongs_to(listed, payload):
        problems.append("its list of files belongs to another manifest")
    if problems:
        raise not_vouched(f"{path} is not as it was signed: {'; '.join(problems)}")


def _unsigned(data: bytes) -> envelope.Envelope:
    """An envelope without signatures around a bare payload: canonical, with every field as it is."""
    return envelope.Envelope(canonical(parse(data, "the manifest")), envelope.PAYLOAD_TYPE, ())


def _refuse_invalid(payload: bytes) -> None:
    """Raise ManifestError for a manifest that other commands would refuse."""
    read(payload)
    problems = subject_problems(parse(payload, "the manifest"))
    if problems:
        raise ManifestError(f"the manifest is inconsistent: {problems[0]}", "Nothing was signed. Audit again.")


def _put(target: Path, data: bytes, *, new: bool) -> None:
    """Write a new file, or replace one. Raises OutputError."""
    try:
        if new:
            files.create(target, data, files.PUBLIC)
        else:
            files.replace(target, data)
    except FileExistsError as problem:
        raise OutputError(
            f"{target} already exists, and envelopes are never overwritten",
            "Nothing was signed. Name the envelope to add a signature to it, or name another file with -o.",
        ) from problem
    except OSError as problem:
        raise OutputError(
            f"{target} cannot be written: {problem.strerror or problem}",
            "No signature was added. Name another file with -o, or free disk space.",
        ) from problem


def _publish(path: Path, signer: Signer) -> None:
    """Write the public key beside a first signature, as in an audit folder; an existing one is kept."""
    if not path.exists():
        _put(path, signer.verifier().public_file(), new=True)
