"""What tests of the gate share: a project with a key, signed manifests, and the command line as a function."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

import samples

from auditor import cli
from auditor.manifest.models import Asked, Digest, Finding, Manifest, Reach, Replay, Subject, payload_bytes
from auditor.manifest.subjects import statement
from auditor.signing import envelope
from auditor.signing.ed25519 import Ed25519Signer
from auditor.signing.interface import Signer
from auditor.signing.trust import ENVELOPE_NAME, PUBLIC_KEY_NAME

NOW = datetime(2026, 11, 22, 13, 0, tzinfo=timezone.utc)
GIT = {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.org", "GIT_CONFIG_GLOBAL": "/dev/null"}
GIT |= {"GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@example.org", "GIT_CONFIG_SYSTEM": "/dev/null"}


def failing(check: str = "python-hash-seed", **changes) -> Finding:
    """A failed finding of the set-up, of high severity."""
    fields = {
        "check": check,
        "framework": check.split("-", 1)[0],
        "outcome": "fail",
        "severity": "high",
        "kind": "setup",
        "title": "A claim.",
        "message": "order gave 2 different results",
        "evidence": {"differing": {"order": 2}},
        "remedy": "set a seed",
    }
    return Finding(**{**fields, **changes})


def passing(check: str = "torch-same-seed", **changes) -> Finding:
    """A finding that held."""
    return failing(check, **{"outcome": "pass", "message": "all agree", "evidence": {}, "remedy": "", **changes})


def reached(check: str = "torch-uninitialised", state: str = "reached", **changes) -> Finding:
    """A defect of a release, with what is known of its reach."""
    reach = Reach(state=state, file="train.py" if state == "reached" else "", line=3 if state == "reached" else 0)
    return failing(check, severity="critical", kind="release", reach=reach, **changes)


def replayed(verdict: str = "identical", **changes) -> Replay:
    """A replay of `python train.py`."""
    divergence = {"op": "aten::rand", "cause": "unseeded-random", "source": {"file": "train.py", "line": 2, "code": ""}}
    fields = {"verdict": verdict, "command": ["python", "train.py"], "runs": 3, "operations": 10}
    told = {"divergence": divergence if verdict == "diverged" else {}}
    return Replay(**{**fields, **told, **changes})


def made(*findings: Finding, facts=None, asked=..., about=(), **changes) -> Manifest:
    """A manifest with these findings (by default one that held), and the options of its audit."""
    whole = samples.manifest(about=about, findings=[*findings] or [passing()], **changes)
    run = whole.predicate.run.model_copy(update={"asked": Asked() if asked is ... else asked})
    known = {**whole.predicate.facts, **(facts or {})}
    predicate = whole.predicate.model_copy(update={"run": run, "facts": known})
    return statement(predicate, about)


def about_commit(commit: str) -> tuple[Subject, ...]:
    """The subject of `--subject git:HEAD`."""
    return (Subject(name="git:HEAD", digest=Digest(git_commit=commit)),)


@dataclass
class Project:
    """A folder with a policy and CI's key, in which the gate runs."""

    folder: Path
    signer: Ed25519Signer
    capture: object

    def policy(self, text: str, *, file: str = "auditor.toml", keys: bool = True) -> None:
        """Write the policy; `keys` adds CI's key."""
        head = 'keys = ["ci.pub"]\n' if keys else ""
        (self.folder / file).write_text(("[tool.auditor]\n" if file == "pyproject.toml" else "") + head + text)

    def signed(self, manifest: Manifest, name: str = "audit", signer: Signer | None = None) -> Path:
        """An audit's folder, signed by CI's key or another."""
        signer, folder = signer or self.signer, self.folder / name
        folder.mkdir()
        signed = envelope.sign(payload_bytes(manifest), signer)
        (folder / ENVELOPE_NAME).write_bytes(envelope.write(signed))
        (folder / PUBLIC_KEY_NAME).write_bytes(signer.verifier().public_file())
        return folder

    def unsigned(self, manifest: Manifest, name: str = "manifest.json") -> Path:
        """A bare manifest."""
        path = self.folder / name
        path.write_bytes(payload_bytes(manifest))
        return path

    def run(self, *words) -> tuple[int, str, str]:
        """Exit code, standard output and standard error of `auditor gate`."""
        self.capture.readouterr()
        code = cli.run(["gate", *map(str, words)])
        return code, *self.capture.readouterr()

    def json(self, *words) -> tuple[int, dict]:
        """Exit code and the JSON object."""
        code, out, err = self.run(*words, "--format", "json")
        assert out, err
        return code, json.loads(out)

    def git(self, *words: str) -> str:
        """A git command in the project."""
        import os

        done = subprocess.run(
            ["git", *words], cwd=self.folder, env={**os.environ, **GIT}, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    def commit(self, message: str = "change") -> str:
        """Commit everything, and give the id."""
        self.git("add", "-A")
        self.git("commit", "-q", "-m", message, "--allow-empty")
        return self.git("rev-parse", "HEAD")
