"""
A verifier of its own: from docs/reference/manifest-format.md and the specimens alone, without a look at auditor's code.

`verify(envelope bytes, public key's file)` gives the payload, `verify_folder(folder, key files)` the names that differ.
"""

import base64
import hashlib
import json
import struct

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, utils

HASH = {"256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512(), "521": hashes.SHA512()}


def once(pairs):
    assert len(dict(pairs)) == len(pairs), "a repeated key"
    return dict(pairs)


def fields(data):
    found = []
    while data:
        (size,) = struct.unpack(">I", data[:4])
        assert len(data) >= 4 + size
        found, data = [*found, data[4 : 4 + size]], data[4 + size :]
    return found


def check_ssh(line, key, signature, message):
    assert signature[:10] == b"SSHSIG\0\0\0\1"
    public, namespace, reserved, digest, inner = fields(signature[10:])
    form, blob = fields(inner)
    kind = line.split()[0].decode()
    assert (public, namespace, digest in {b"sha256", b"sha512"}) == (
        base64.b64decode(line.split()[1]),
        b"auditor-dsse-v1",
        True,
    )
    hashed = hashlib.new(digest.decode(), message).digest()
    signed = b"SSHSIG" + b"".join(struct.pack(">I", len(one)) + one for one in (namespace, reserved, digest, hashed))
    if isinstance(key, rsa.RSAPublicKey):
        assert form in {b"rsa-sha2-256", b"rsa-sha2-512"}
        return key.verify(blob, signed, padding.PKCS1v15(), HASH[form[-3:].decode()])
    assert form.decode() == kind
    if isinstance(key, ed25519.Ed25519PublicKey):
        return key.verify(blob, signed)
    r, s = (int.from_bytes(one, "big") for one in fields(blob))
    return key.verify(utils.encode_dss_signature(r, s), signed, ec.ECDSA(HASH[kind[-3:]]))


def check(file, signature, message):
    if file.startswith((b"ssh-", b"ecdsa-")):
        return check_ssh(file, serialization.load_ssh_public_key(file), signature, message)
    key = serialization.load_pem_public_key(file)
    if isinstance(key, ed25519.Ed25519PublicKey):
        return key.verify(signature, message)
    return key.verify(signature, message, ec.ECDSA(hashes.SHA256()))


def verify(data, file):
    envelope = json.loads(data, object_pairs_hook=once)
    assert envelope["payloadType"] == "application/vnd.in-toto+json"
    payload = base64.b64decode(envelope["payload"].translate({45: 43, 95: 47}), validate=True)
    message = b"DSSEv1 28 application/vnd.in-toto+json %d %b" % (len(payload), payload)
    for one in envelope["signatures"]:
        try:
            check(file, base64.b64decode(one["sig"].translate({45: 43, 95: 47}), validate=True), message)
        except (InvalidSignature, AssertionError, ValueError, struct.error):
            continue
        return payload
    raise AssertionError("no signature verifies")


def verify_folder(folder, file):
    manifest = verify((folder / "manifest.dsse.json").read_bytes(), file)
    listed = json.loads(verify((folder / "files.dsse.json").read_bytes(), file), object_pairs_hook=once)
    assert listed["predicateType"] == "urn:auditor:folder:v0.1"
    assert listed["predicate"]["manifestSha256"] == hashlib.sha256(manifest).hexdigest()
    wanted = {one["name"]: one["digest"]["sha256"] for one in listed["subject"]}
    there = {one.relative_to(folder).as_posix(): one for one in folder.rglob("*") if one.is_file()}
    found = {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in there.items()}
    own = {"manifest.dsse.json", "files.dsse.json", ".gitignore", ".gitattributes"}
    return {name for name in wanted.keys() | found.keys() - own if wanted.get(name) != found.get(name)}
