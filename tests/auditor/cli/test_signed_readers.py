"""Every command that reads a signed manifest tells the same of the same key, and accepts or refuses alike."""

import json
import shutil
from pathlib import Path

import click
import pytest
import samples

from auditor import cli
from auditor.container.locks import client
from auditor.manifest.models import payload_bytes
from auditor.output import audit_folder
from auditor.output.atomic_folder import Staging
from auditor.signing import envelope, local
from auditor.signing.ed25519 import Ed25519Signer

PAYLOAD = payload_bytes(samples.manifest())
UNTRUSTED = 4
COMMANDS = {
    "verify": ("verify", "audit"),
    "verify of the envelope": ("verify", "audit/manifest.dsse.json"),
    "remedy": ("remedy", "audit"),
    "show": ("show", "audit"),
    "report": ("report", "audit"),
    "remedy --json": ("remedy", "audit", "--json"),
    "compare": ("compare", "audit", "audit"),
    "compare --json": ("compare", "audit", "audit", "--json"),
    "container write": ("container", "write", "audit", "--force"),
    "container lock": ("container", "lock", "audit", "--force", "-q", "--index", "http://127.0.0.1:9/simple"),
    "container verify": ("container", "verify", "audit", "image", "-o", "out", "-q"),
}
"""All that take --key and --trust. `container lock` finds no index here, and `container verify` no engine."""
OWN = "signed by this machine's own key"
TRUSTED = "signed by a trusted key"
INTACT = "signed by the key beside it, which is not trusted: anyone could have made both"
UNSIGNED = "UNSIGNED: anyone could have written it"
BROKEN = "no signature verifies with"


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """An empty current folder, a configuration folder of its own, and no engine."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("DOCKER_HOST", "unix:///nonexistent/engine.sock")
    monkeypatch.setattr(client, "RETRIES", 0)  # nothing answers, and asking again only takes time
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path / "work"


@pytest.fixture
def run(capsys):
    """Run a command line; gives (exit code, all that it printed, or stdout alone)."""

    def called(words, *, stdout=False):
        capsys.readouterr()
        code = cli.run([*words])
        told = capsys.readouterr()
        return code, told.out if stdout else told.out + told.err

    return called


def audited(signer):
    """The folder `audit`, and the signer's public key as `signer.pub` outside of it."""
    shutil.rmtree("audit", ignore_errors=True)
    with Staging(Path("audit")) as work:
        audit_folder.write_audit(work, samples.manifest(), signer)
        work.commit()
    if signer:
        Path("signer.pub").write_bytes(signer.verifier().public_pem())


def own():
    """Signed as `auditor audit` signs without --key."""
    audited(local.identity())


def own_alone():
    """The same, without the public key beside it."""
    own()
    Path("audit/signer.pub").unlink()


def foreign():
    """Signed with a key of somebody else, which stands beside it."""
    local.identity()
    audited(Ed25519Signer.generate())


def tampered():
    """Signed with the own key, then changed."""
    own()
    place = Path("audit/manifest.dsse.json")
    read = envelope.read(place.read_bytes())
    changed = envelope.Envelope(PAYLOAD.replace(b"torch", b"torhc"), read.payload_type, read.signatures)
    place.write_bytes(envelope.write(changed))


def unsigned():
    """Written with --no-sign."""
    local.identity()
    audited(None)


def other_key():
    """A public key that signed nothing."""
    Path("other.pub").write_bytes(Ed25519Signer.generate().verifier().public_pem())
    return ("--key", "other.pub")


def trust_file():
    """A trust file that names the signer."""
    Path("trust").write_text("signer.pub\n", encoding="utf-8")
    return ("--trust", "trust")


STATES = {
    "own key": (own, tuple, OWN, True, True),
    "own key, with --key": (own, lambda: ("--key", "signer.pub"), TRUSTED, True, True),
    "own key, but another is named": (own, other_key, INTACT, False, False),
    "foreign key beside it": (foreign, tuple, INTACT, True, False),
    "foreign key, with --key": (foreign, lambda: ("--key", "signer.pub"), TRUSTED, True, True),
    "foreign key, with --trust": (foreign, trust_file, TRUSTED, True, True),
    "foreign key, but another is named": (foreign, other_key, INTACT, False, False),
    "tampered": (tampered, tuple, BROKEN, False, False),
    "tampered, with --key": (tampered, lambda: ("--key", "signer.pub"), BROKEN, False, False),
    "unsigned": (unsigned, tuple, UNSIGNED, True, False),
    "unsigned, with --key": (unsigned, other_key, UNSIGNED, False, False),
}
"""How it was made, the options, the sentence, whether readers use it, and whether `verify` accepts it."""


@pytest.mark.parametrize("state", STATES)
def test_each_command_tells_and_judges_a_key_alike(run, state):
    """One sentence for one state. `verify` exits with 0 or 4; a reader refuses with 4, or uses what it read."""
    make, options, sentence, used, verified = STATES[state]
    make()
    commands = dict(COMMANDS)
    if make is unsigned:
        commands["verify of the envelope"] = ("verify", "audit/manifest.json")
    given = options()
    found = {name: run([*words, *given]) for name, words in commands.items()}

    assert {name: {sentence} for name in found} == {name: _sentences(told) for name, (_, told) in found.items()}
    expected = {name: verified if name.startswith("verify") else used for name in found}
    assert expected == {name: code != UNTRUSTED for name, (code, _) in found.items()}
    assert {0 if verified else UNTRUSTED} == {code for name, (code, _) in found.items() if name.startswith("verify")}


def _sentences(told):
    return {one for one in (OWN, TRUSTED, INTACT, UNSIGNED, BROKEN) if one in told}


def test_a_reader_uses_what_it_accepts_alike(run):
    """Its exit code does not depend on who signed what it uses."""
    codes = {}
    for make, options in ((own, tuple), (foreign, tuple), (unsigned, tuple), (foreign, trust_file)):
        make()
        given = options()
        for name, words in COMMANDS.items():
            if not name.startswith("verify"):
                codes.setdefault(name, set()).add(run([*words, *given])[0])

    assert [] == [name for name, found in codes.items() if len(found) != 1 or UNTRUSTED in found]


@pytest.mark.parametrize(("make", "code"), [(own, 0), (foreign, 0), (tampered, UNTRUSTED), (unsigned, UNTRUSTED)])
def test_integrity_alone_is_enough_where_it_is_asked_for(run, make, code):
    """`verify --integrity-only` accepts the untrusted key beside it; nothing vouches for an unsigned manifest."""
    make()

    assert code == run(["verify", "audit", "--integrity-only"])[0]


def test_without_the_key_beside_it_the_own_key_still_counts(run):
    """A folder that lost its `signer.pub` is this machine's nevertheless; for another machine nothing verifies it."""
    own_alone()
    told = {name: run(words) for name, words in COMMANDS.items() if name != "verify"}

    assert [] == [name for name, (_, text) in told.items() if OWN not in text]
    local.config_folder().joinpath(local.NAME).unlink()
    told = {name: run(words) for name, words in COMMANDS.items()}
    assert {UNTRUSTED} == {code for code, _ in told.values()}


def test_an_own_key_that_others_can_read_is_told_and_not_trusted(run):
    """The same warning of every command, and the manifest is what it is without that key."""
    own()
    local.config_folder().joinpath(local.NAME).chmod(0o644)
    found = {name: run(words) for name, words in COMMANDS.items()}

    warning = "this machine's own key is not trusted: the machine's own key"
    assert {} == {name: told for name, (_, told) in found.items() if told.count(warning) != 1 or INTACT not in told}
    assert {"verify", "verify of the envelope"} == {name for name, (code, _) in found.items() if code == UNTRUSTED}


def test_reading_makes_no_key_and_writes_none(run):
    """A machine without a key of its own gets none by reading."""
    audited(Ed25519Signer.generate())
    for words in (COMMANDS[name] for name in ("verify", "remedy", "compare", "container write")):
        run(words)

    assert not local.config_folder().exists()


def _readers(group, names=()):
    """Commands with the options --key and --trust, by their words."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from _readers(command, (*names, name))
        elif {"keys", "trust_file"} <= {parameter.name for parameter in command.params}:
            yield (*names, name)


def test_every_command_that_reads_a_signed_manifest_is_here():
    """A new one must be added to this test, and use the same words."""
    held = [words[: len(one)] for one in _readers(cli.group) for words in COMMANDS.values()]

    # The gate trusts no key of this machine (tests/auditor/gate); `claim --again` wants a claim in it (test_claim.py).
    readers = {*_readers(cli.group)} - {("gate",), ("claim",)}
    assert readers <= {*held}
    assert 8 == len(readers)


def test_the_json_says_which_key_is_trusted(run):
    """`trustedBy` beside the standing, as `verify --json` has it; None for a key that is not trusted."""
    found = {}
    for make in (own, foreign):
        make()
        remedy, compared, verified = (
            json.loads(run([*words, "--json"], stdout=True)[1])
            for words in (("remedy", "audit"), ("compare", "audit", "audit"), ("verify", "audit"))
        )
        found[make] = {(remedy["standing"], remedy["trustedBy"]), (verified["verdict"], verified["trustedBy"])}
        found[make] |= {(compared[side]["standing"], compared[side]["trustedBy"]) for side in "ab"}

    assert {own: {("trusted", "this machine's own key")}, foreign: {("intact", None)}} == found
