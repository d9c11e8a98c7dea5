"""
Coverage-guided fuzzing by atheris: `run.py TARGET RUNS [FAULT]`. Prints one line of JSON with the figures at the end.

Targets: `envelope` (mutants of envelopes), `statement` (payloads: manifests and lists), `trust` (files of keys).
"""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["auditor.signing", "auditor.manifest.strict_json"]):
    from auditor.errors import KeyFileError, ManifestError
    from auditor.manifest import models, profiles, strict_json
    from auditor.signing import allowed_signers, file_list, keys, sshsig, trust_file

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[3])]
import faults  # noqa: E402 -- scripts of this folder
import pool  # noqa: E402 -- the same
import samples  # noqa: E402 -- the same
from judge import Figures, Violation, judge  # noqa: E402 -- the same
from mutants import mutant  # noqa: E402 -- the same

FIGURES = Figures()
AFRESH = 0.6
"""Share of mutants of good envelopes: most of what raises coverage is broken, and never reaches a signature."""
LINE = b"ssh-ed25519 " + pool.TRUSTED[2].verifier().public_file().split()[1]
SEEDS = {
    "envelope": pool.GOOD,
    "statement": [*pool.SIGNED, models.payload_bytes(samples.manifest())],
    "trust": [
        b"alice: ed25519:" + b"0f" * 32,
        b'a@b,*@c namespaces="auditor-dsse-v1",valid-after="20200101Z" ' + LINE,
        LINE + b"\n# x\n",
        pool.TRUSTED[0].verifier().public_pem(),
        pool.TRUSTED[1].verifier().public_pem(),
        pool.TRUSTED[2].sign(b"x"),
    ],
}


def envelope_target(data: bytes) -> None:
    """One mutant of an envelope."""
    judge(data, FIGURES)


def statement_target(data: bytes) -> None:
    """One payload: whatever it is, our readers give a model or our error."""
    FIGURES.mutants += 1
    for read in (models.read, file_list.read, lambda one: profiles.subject_problems(strict_json.parse(one, "it"))):
        try:
            read(data)
            FIGURES.accepted += 1
        except ManifestError:
            FIGURES.reached += 1


def trust_target(data: bytes) -> None:
    """One file of keys, and one OpenSSH signature."""
    FIGURES.mutants += 1
    path = Path(TEMPORARY) / "trust"
    path.write_bytes(data)
    for read in (trust_file.trusted_keys, allowed_signers.trusted_keys, keys.load_verifiers):
        try:
            read(path)
            FIGURES.accepted += 1
        except KeyFileError:
            FIGURES.reached += 1
    try:
        sshsig.parse(data)
    except ValueError:
        return
    if sshsig.write(sshsig.parse(data)) != data:
        raise Violation("an OpenSSH signature in two forms")


def envelope_mutator(data: bytes, max_size: int, seed: int) -> bytes:
    """A mutant with the shape of an envelope: of a good one, or of what coverage made interesting."""
    chance = random.Random(seed)
    return mutant(chance.choice(pool.GOOD) if chance.random() < AFRESH else data, chance)[:max_size]


def main() -> None:
    """Fuzz, and print the figures after the last run."""
    target, runs, fault = sys.argv[1], int(sys.argv[2]), sys.argv[3] if len(sys.argv) > 3 else ""
    chosen = {"envelope": envelope_target, "statement": statement_target, "trust": trust_target}[target]
    corpus = Path(TEMPORARY) / "corpus"
    corpus.mkdir()
    for number, seed in enumerate(SEEDS[target]):
        (corpus / str(number)).write_bytes(seed)

    def once(data: bytes) -> None:
        chosen(data)
        if FIGURES.mutants == runs:
            sys.stdout.write(json.dumps({"target": target, **vars(FIGURES)}) + "\n")
            sys.stdout.flush()

    options = [sys.argv[0], f"-runs={runs}", "-seed=1", "-max_len=65536", "-timeout=60", str(corpus)]
    more = {"custom_mutator": envelope_mutator} if target == "envelope" else {}
    atheris.Setup(options, once, **more)
    if fault:
        for patch in next(one for one in faults.FAULTS if one.__name__ == fault)():
            patch.start()
    atheris.Fuzz()


if __name__ == "__main__":
    import tempfile

    TEMPORARY = tempfile.mkdtemp(prefix="auditor-fuzz-")
    main()
