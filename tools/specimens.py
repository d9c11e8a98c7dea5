"""
Makes specimens of each kind of key: `.venv/bin/python tools/specimens.py DATE`, once for a release.

One small anonymous audit of this interpreter is signed by a new key of each kind, and once as a whole folder. The
private keys are made in a temporary folder and go with it. An existing specimen is never replaced.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

SPECIMENS = Path(__file__).resolve().parent.parent / "reports" / "specimens"
SSH = {"ssh-ed25519": ["ed25519"], "ssh-ecdsa-p256": ["ecdsa", "-b", "256"], "ssh-ecdsa-p384": ["ecdsa", "-b", "384"]}
SSH |= {"ssh-ecdsa-p521": ["ecdsa", "-b", "521"], "ssh-rsa": ["rsa", "-b", "3072"]}
PEM = ("ed25519", "ecdsa-p256")
SSH_KEYGEN = shutil.which("ssh-keygen") or "ssh-keygen"


def auditor(*words: str) -> None:
    """Run the program of this environment."""
    subprocess.run([str(Path(sys.executable).with_name("auditor")), *words], check=True)


def make_keys(folder: Path) -> dict[str, Path]:
    """A new private key of each kind, by its name."""
    found = {kind: folder / f"{kind}.pem" for kind in PEM} | {kind: folder / kind for kind in SSH}
    for kind in PEM:
        auditor("keygen", "-q", "--type", kind, "-o", str(folder / kind))
    for kind, words in SSH.items():
        subprocess.run([SSH_KEYGEN, "-q", "-t", *words, "-N", "", "-C", "", "-f", str(folder / kind)], check=True)
    return found


def keep(made: Path, specimen: Path) -> None:
    """Put a file or folder into its place, which must be free."""
    if specimen.exists():
        raise SystemExit(f"{specimen} exists; specimens are never replaced")
    (shutil.copytree if made.is_dir() else shutil.copyfile)(made, specimen)


def main(date: str) -> None:
    """Make all specimens of this date."""
    with tempfile.TemporaryDirectory() as temporary:
        work = Path(temporary)
        private = make_keys(work)
        python = ["--python", sys.executable, "--check", "python-hash-seed"]
        auditor("audit", *python, "--anonymous", "--no-sign", "-q", "-o", str(work / "audit"))
        for kind, key in private.items():
            envelope = work / f"{kind}.dsse.json"
            auditor("sign", str(work / "audit" / "manifest.json"), "--key", str(key), "-o", str(envelope))
            keep(envelope, SPECIMENS / f"key-{kind}-{date}.dsse.json")
            keep(key.with_name(f"{kind}.pub"), SPECIMENS / f"key-{kind}-{date}.pub")
        auditor("audit", *python, "--anonymous", "-q", "-o", str(work / "folder"))
        (work / "folder" / ".gitignore").unlink()  # git keeps the specimen
        auditor("sign", str(work / "folder"), "--add", "--key", str(private["ssh-ed25519"]))
        keep(work / "folder", SPECIMENS / f"folder-{date}")
        keep(work / "ssh-ed25519.pub", SPECIMENS / f"folder-{date}.pub")


if __name__ == "__main__":
    main(sys.argv[1])
