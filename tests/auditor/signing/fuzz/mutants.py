"""Makes mutants of envelopes: most keep the shape, so that they get as far as the check of a signature."""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Callable
from typing import Any

import pool

ODD = [None, True, 0, -1, 1.5, 2**60, "", "=", "AAAA", "\u202e", "\ud800", [], {}, [[]], {"sig": ""}]
"""Values of every type of JSON, where another one belongs."""


def mutant(data: bytes, chance: random.Random) -> bytes:
    """One mutant: a few mutations of the document, and sometimes of its bytes."""
    try:
        document = json.loads(data)
        assert isinstance(document, dict)
    except (ValueError, AssertionError, RecursionError):
        document = json.loads(chance.choice(pool.GOOD))
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        chance.choices(SHAPED, WEIGHTS)[0](document, chance)
    made = json.dumps(document, separators=(",", ":"), sort_keys=chance.random() < 0.5).encode()
    if chance.random() < 0.15:
        made = chance.choice(TEXTS)(made, document, chance)
    return made


def swap_payload(document: dict[str, Any], chance: random.Random) -> None:
    """Another payload, signed by others or by nobody."""
    document["payload"] = pool.text(chance.choice((*pool.SIGNED, *pool.FORGED)))


def edit_payload(document: dict[str, Any], chance: random.Random) -> None:
    """A few bytes of the payload."""
    data = bytearray(decoded(document.get("payload")))
    for _ in range(chance.randint(1, 4)):
        place = chance.randrange(len(data) + 1)
        data[place : place + chance.randint(0, 2)] = chance.randbytes(chance.randint(0, 2))
    document["payload"] = pool.text(bytes(data))


def swap_type(document: dict[str, Any], chance: random.Random) -> None:
    """Another type, which an attacker may have had signed elsewhere."""
    document["payloadType"] = chance.choice(pool.TYPES)


def move_bytes(document: dict[str, Any], chance: random.Random) -> None:
    """Bytes from the payload's begin to the type's end, as an encoding without lengths would allow."""
    data, count = decoded(document.get("payload")), chance.randint(1, 8)
    document["payloadType"] = f"{document.get('payloadType')}{data[:count].decode('latin-1')}"
    document["payload"] = pool.text(data[count:])


def forge(document: dict[str, Any], chance: random.Random) -> None:
    """A signature that an attacker can make over what the envelope now holds."""
    made = pool.signatures(decoded(document.get("payload")), str(document.get("payloadType")))
    entries = document.get("signatures") if isinstance(document.get("signatures"), list) else []
    document["signatures"] = [*entries[: chance.randint(0, 2)], *chance.sample(made, chance.randint(1, 3))]


def edit_signature(document: dict[str, Any], chance: random.Random) -> None:
    """A few bytes of a signature, or fewer, or more."""
    entry = chosen(document, chance)
    data = bytearray(decoded(entry.get("sig")))
    place = chance.randrange(len(data) + 1)
    data[place : place + chance.randint(0, 8)] = chance.randbytes(chance.randint(0, 8))
    entry["sig"] = pool.text(bytes(data))


def edit_keyid(document: dict[str, Any], chance: random.Random) -> None:
    """The hint: wrong, of another key, absent."""
    entry = chosen(document, chance)
    entry["keyid"] = chance.choice([*(one.keyid for one in (*pool.TRUSTED, *pool.ATTACKERS)), "", "f" * 64])
    if chance.random() < 0.2:
        entry.pop("keyid")


def shuffle(document: dict[str, Any], chance: random.Random) -> None:
    """Entries repeated, removed, in another order."""
    entries = document.get("signatures")
    if isinstance(entries, list) and entries:
        document["signatures"] = [chance.choice(entries) for _ in range(chance.choice((0, 1, 2, 3, 5, 65)))]


def other_alphabet(document: dict[str, Any], chance: random.Random) -> None:
    """The URL-safe alphabet, which readers accept."""
    del chance
    document["payload"] = base64.urlsafe_b64encode(decoded(document.get("payload"))).decode()


def bad_base64(document: dict[str, Any], chance: random.Random) -> None:
    """White space, missing padding, stray bits, mixed alphabets, more text after the end."""
    holder = document if chance.random() < 0.5 else chosen(document, chance)
    name = "payload" if holder is document else "sig"
    value = str(holder.get(name))
    place = chance.randrange(len(value) + 1)
    holder[name] = chance.choice(
        (value.rstrip("="), value + "=", value[:place] + chance.choice("\n -_+/=!") + value[place:], value + value)
    )


def odd_value(document: dict[str, Any], chance: random.Random) -> None:
    """A value of another type somewhere."""
    holder = document if chance.random() < 0.5 else chosen(document, chance)
    name = chance.choice([*holder, "payload", "sig", "signatures"])
    holder[name] = chance.choice(ODD)


def unknown_field(document: dict[str, Any], chance: random.Random) -> None:
    """A field that nobody knows."""
    holder = document if chance.random() < 0.5 else chosen(document, chance)
    holder[chance.choice(("alg", "cert", "payload ", "Payload", "payl\u043ead"))] = chance.choice(ODD)


def remove_field(document: dict[str, Any], chance: random.Random) -> None:
    """A field less."""
    holder = document if chance.random() < 0.5 else chosen(document, chance)
    if holder:
        holder.pop(chance.choice([*holder]))


def repeat_key(made: bytes, document: dict[str, Any], chance: random.Random) -> bytes:
    """The text with a key twice, once escaped or not; the other value is an attacker's."""
    del document
    name = chance.choice(('"payload":', '"payl\\u006fad":', '"signatures":', '"payloadType":'))
    value = chance.choice((f'"{pool.text(pool.FORGED[0])}"', "[]", '""', "null"))
    extra = f"{name}{value}".encode()
    return b"{" + extra + b"," + made[1:] if chance.random() < 0.5 else made[:-1] + b"," + extra + b"}"


def edit_bytes(made: bytes, document: dict[str, Any], chance: random.Random) -> bytes:
    """Bytes of the text, changed, removed or added."""
    del document
    place = chance.randrange(len(made) + 1)
    return made[:place] + chance.randbytes(chance.randint(0, 3)) + made[place + chance.randint(0, 3) :]


def cut(made: bytes, document: dict[str, Any], chance: random.Random) -> bytes:
    """Less of it, or twice."""
    del document
    return made[: chance.randrange(len(made) + 1)] if chance.random() < 0.7 else made + made


def chosen(document: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """One entry of the signatures; a loose one if there is none."""
    entries = document.get("signatures")
    found = [one for one in entries if isinstance(one, dict)] if isinstance(entries, list) else []
    return chance.choice(found) if found else {}


def decoded(value: Any) -> bytes:
    """The bytes of a base64 text, as far as there are any."""
    try:
        return base64.b64decode(value)
    except (TypeError, ValueError):
        return b""


SHAPED: tuple[Callable[[dict[str, Any], random.Random], None], ...]
SHAPED = (swap_payload, edit_payload, forge, edit_signature, edit_keyid, shuffle, other_alphabet, swap_type, move_bytes)
SHAPED += (bad_base64, odd_value, unknown_field, remove_field)
WEIGHTS = (3, 3, 4, 3, 2, 1, 1, 1, 1, 1, 1, 2, 1)
TEXTS = (repeat_key, edit_bytes, cut)
