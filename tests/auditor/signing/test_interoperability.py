"""Programs that are not ours agree: each verifies the specimens, and refuses them when they are changed."""

import importlib.util
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from securesystemslib import dsse
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import SSlibKey
from support import ROOT

from auditor.signing import envelope, keys

FOLDER = ROOT / "reports" / "specimens"
PEM = sorted([*FOLDER.glob("key-ed25519-*.dsse.json"), *FOLDER.glob("key-ecdsa-p256-*.dsse.json")])
SSH = sorted(FOLDER.glob("key-ssh-*.dsse.json"))
EVERY = sorted(FOLDER.glob("*.dsse.json"))
FOLDERS = sorted(path for path in FOLDER.iterdir() if (path / "files.dsse.json").exists())
HOW_TO = (ROOT / "docs" / "how-to" / "sign-and-verify.md").read_text(encoding="utf-8")
RECIPES = re.findall(r"```bash\n(.*?)```", HOW_TO, re.DOTALL)
"""The recipe of the docs: take apart; then verify with an Ed25519, an ECDSA and an SSH key."""


def named(path):
    """The specimen's name, for a test's id."""
    return path.name.removesuffix(".dsse.json")


def key_file(path):
    """The public key's file of a specimen."""
    return path.with_name(f"{named(path)}.pub")


def changed(path):
    """The specimen with one character of its payload changed."""
    document = json.loads(path.read_bytes())
    document["payload"] = document["payload"].replace("A", "B", 1)
    return json.dumps(document).encode()


def load(name):
    """A module of this folder by its file, apart from any package."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


independent = load("independent")


@pytest.mark.parametrize("path", PEM, ids=named)
def test_securesystemslib_verifies_what_we_signed(path):
    """The reference implementation of DSSE, for both kinds of PEM keys; and it refuses the changed one."""
    key = SSlibKey.from_crypto(load_pem_public_key(key_file(path).read_bytes()), keyid="k")
    for data, good in ((path.read_bytes(), True), (changed(path), False)):
        document = json.loads(data)
        for one in document["signatures"]:
            one["keyid"] = "k"
        theirs = dsse.Envelope.from_dict(document)
        if good:
            assert {"k"} == set(theirs.verify([key], 1))
        else:
            with pytest.raises(VerificationError):
                theirs.verify([key], 1)


def recipe(number, folder, envelope_file, key):
    """Exit code of a recipe of the docs, run by a shell as a reader would."""
    env = {"PATH": os.environ["PATH"], "ENVELOPE": str(envelope_file), "KEY": str(key)}
    take_apart, *verify = RECIPES
    subprocess.run(["bash", "-e", "-c", take_apart], cwd=folder, env=env, check=True, capture_output=True)
    done = subprocess.run(["bash", "-e", "-c", verify[number]], cwd=folder, env=env, check=False, capture_output=True)
    return done.returncode


def recipe_of(path):
    """The number of the recipe for a specimen's key."""
    kind = keys.load_verifiers(key_file(path))[0].kind
    return 0 if kind == "Ed25519" else 1 if kind == "ECDSA P-256" else 2


@pytest.mark.parametrize("path", EVERY, ids=named)
def test_openssl_and_ssh_keygen_verify_by_the_recipe_of_the_docs(path, tmp_path):
    """The commands of the how-to, as they stand there, accept each specimen, and refuse it changed."""
    (tmp_path / "changed.json").write_bytes(changed(path))
    line = key_file(path).read_text()
    (tmp_path / "allowed_signers").write_text(f'alice namespaces="auditor-dsse-v1" {line}')

    assert 0 == recipe(recipe_of(path), tmp_path, path, key_file(path))
    assert envelope.read(path.read_bytes()).payload == (tmp_path / "payload").read_bytes()
    assert 0 != recipe(recipe_of(path), tmp_path, tmp_path / "changed.json", key_file(path))


@pytest.mark.parametrize("path", EVERY, ids=named)
def test_in_toto_attestation_reads_and_validates_the_statement(path):
    """The Python bindings of the specification find a valid Statement v1, with our subjects."""
    from google.protobuf import json_format
    from in_toto_attestation.v1 import statement_pb2
    from in_toto_attestation.v1.statement import Statement

    read = json_format.Parse(envelope.read(path.read_bytes()).payload, statement_pb2.Statement())
    statement = Statement.copy_from_pb(read)
    statement.validate()

    assert ["software-environment", "machine"] == [subject.name for subject in read.subject[:2]]
    assert "urn:auditor:environment-audit:v0.1" == read.predicate_type


@pytest.mark.parametrize("path", FOLDERS, ids=lambda path: path.name)
def test_in_toto_attestation_reads_the_list_of_files(path):
    """It is a valid Statement too."""
    from google.protobuf import json_format
    from in_toto_attestation.v1 import statement_pb2
    from in_toto_attestation.v1.statement import Statement

    payload = envelope.read((path / "files.dsse.json").read_bytes()).payload
    read = json_format.Parse(payload, statement_pb2.Statement())
    Statement.copy_from_pb(read).validate()

    assert "manifest.json" in {subject.name for subject in read.subject}


@pytest.mark.parametrize("path", EVERY, ids=named)
def test_an_independent_verifier_agrees(path):
    """Written from the specification alone, it gives the same payload, and refuses what was changed."""
    key = key_file(path).read_bytes()

    ours = envelope.verify(path.read_bytes(), keys.load_verifiers(key_file(path))).payload
    assert ours == independent.verify(path.read_bytes(), key)
    with pytest.raises(AssertionError):
        independent.verify(changed(path), key)
    for other in EVERY:
        if other != path:
            with pytest.raises(AssertionError):
                independent.verify(path.read_bytes(), key_file(other).read_bytes())


@pytest.mark.parametrize("path", FOLDERS, ids=lambda path: path.name)
def test_an_independent_verifier_finds_the_changed_file(path, tmp_path):
    """Of a folder, with either signer's key; a changed, a missing and an added file are named."""
    copy = Path(shutil.copytree(path, tmp_path / "copy"))
    for key in (path / "signer.pub", path.with_name(f"{path.name}.pub")):
        assert set() == independent.verify_folder(copy, key.read_bytes())
    (copy / "report.md").write_bytes(b"all passed\n")
    (copy / "added").write_bytes(b"")
    (copy / "specs" / "Dockerfile").unlink()

    assert {"report.md", "added", "specs/Dockerfile"} == independent.verify_folder(
        copy, (path / "signer.pub").read_bytes()
    )


def test_the_independent_verifier_is_independent():
    """It imports nothing of auditor, and is about as short as it promises."""
    text = Path(__file__).with_name("independent.py").read_text(encoding="utf-8")

    assert not re.search(r"(import|from) auditor", text)
    code = text.partition("HASH =")[2].splitlines()
    assert 70 > len([line for line in code if line.strip()])
