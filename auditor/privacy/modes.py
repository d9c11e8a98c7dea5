"""
What identifies a machine or a person, and what stands for it in everything that gets written.

Three modes. `tokenised`, the default: host names, user names, serial numbers, UUIDs and network addresses become tokens
(`host-` and twelve hexadecimal digits), a keyed digest. The key is made once for each machine: equal things stay equal
there, and nobody without the key finds a name by trying names. `identified`: everything as it is. `anonymous`: a key
for one audit, so that two of them cannot be linked; no paths, no addresses of projects, no facts that identify.

What this cannot catch stands in docs/explanation/privacy.md.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeGuard

from pydantic import JsonValue

from ..manifest.models import PrivacyMode
from ..manifest.profiles import MACHINE_PROFILE_V1, SOFTWARE_PROFILE_V1
from .identities import HOST_VARIABLE, JOB_VARIABLE, SERIAL_KEY
from .identity_shapes import Place
from .secrets import free_name, inside_base64, redact
from .token_key import one_time_key
from .tokens import Texts

ANONYMOUS_REASON = "anonymous"

_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]*")
_VERSION_KEY = re.compile(r"(?:^|[^a-z])ver(?:sion)?s?(?:[^a-z]|$)", re.IGNORECASE)
_ADDRESS_KEY = re.compile(
    r"(?:^|[^a-z])(?:ips?|ipv4|addr|addrs|address|addresses|inet|gateway)(?:[^a-z]|$)", re.IGNORECASE
)
_PROJECT_KEY = re.compile(r"(?:^|[._])(?:remotes?|urls?|repository|commit|author|email)$")
"""Facts that --anonymous leaves out whatever their role: a public commit can be looked up."""
_SUBJECTS_KEY = "code.data"
"""The fact whose names are those of the manifest's subjects, in the same order."""
_BLIND = re.compile(r"(?:path|git|oci):subject-[0-9]+")
_PROFILED = frozenset((*SOFTWARE_PROFILE_V1, *MACHINE_PROFILE_V1))


@dataclass
class Privacy:
    """One mode of writing, with its key and what it knows of this machine."""

    mode: PrivacyMode = "tokenised"
    key: bytes = b""
    """Of the tokens; the machine's own is read when the first is made."""
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)

    def __post_init__(self) -> None:  # noqa: D105 - what no caller gives
        anonymous = self.mode == "anonymous"
        self._texts = Texts(anonymous, one_time_key() if anonymous else self.key, self.environment)

    @property
    def problem(self) -> str:
        """Why the machine's own key could not be used, after `clean`; the tokens are then of this audit alone."""
        return self._texts.problem

    def written(self, document: JsonValue) -> JsonValue:
        """A document as it may be written: without secrets, and in this mode."""
        return self.clean(redact(document, os.environ))

    def clean(self, document: JsonValue) -> JsonValue:
        """The document as this mode writes it; one that holds nothing that identifies comes back unchanged."""
        return document if self.mode == "identified" else self._value(document, Place())

    def text(self, text: str) -> str:
        """One text as this mode writes it."""
        return str(self.clean(text))

    def token(self, kind: str, text: str) -> str:
        """What stands for a text of this kind."""
        return self._texts.token(kind, text)

    # ------------------------------------------------------------------------------------------------- documents

    def _value(self, node: JsonValue, place: Place) -> JsonValue:
        if isinstance(node, str):
            return self._texts.clean(node, place)
        if isinstance(node, list):
            return [self._value(item, place) for item in node]
        if not isinstance(node, dict):
            named = (place.serial or place.job) and type(node) is int
            return self._texts.clean(str(node), place) if named else node
        if list(node) == ["b64"] and isinstance(node["b64"], str):
            return {"b64": inside_base64(node["b64"], lambda text: self._texts.clean(text, place))}
        changed: dict[str, JsonValue] = {}
        for name, item in node.items():
            if _is_fact(item):
                changed[name] = self._fact(name, item)
            else:
                cleaned = self._value(item, _inner(place, name))
                changed[
                    free_name(self._texts.clean(name, place._replace(serial=False, host=False, job=False)), changed)
                ] = cleaned
        return changed

    def _fact(self, key: str, fact: dict[str, JsonValue]) -> JsonValue:
        """A fact: its key and role tell what its value may be."""
        identity = fact["role"] == "identity"
        if self.mode == ANONYMOUS_REASON and (identity or _PROJECT_KEY.search(key)):
            source = self._texts.clean(str(fact.get("source", "")), Place(identity=True))
            return {"state": "not-applicable", "role": fact["role"], "source": source, "reason": ANONYMOUS_REASON}
        if self.mode == ANONYMOUS_REASON and key == _SUBJECTS_KEY:
            fact = {**fact, "value": _blind(fact.get("value"))}
        text = Place(identity=identity)
        whole = isinstance(fact.get("value"), str) and key == "host.name"
        place = Place(
            identity=identity,
            versions=(fact["role"] == "software" and key != "env") or bool(_VERSION_KEY.search(key)),
            addresses=bool(_ADDRESS_KEY.search(key)),
            built=".build." in key or key in _PROFILED,
            serial=bool(SERIAL_KEY.search(key)),
            host=whole,
        )
        return {
            name: self._value(item, place if name == "value" else text) if name not in ("state", "role") else item
            for name, item in fact.items()
        }


def blind_subject(name: str, number: int) -> str:
    """What a blind reviewer reads for the name of a subject: its kind and number, for names of files tell authors."""
    kind = name.partition(":")[0] if name.startswith(("git:", "oci:")) else "path"
    return f"{kind}:subject-{number}"


def _blind(named: JsonValue) -> JsonValue:
    """The digests under such names; those that have them already, in whatever order, stay."""
    if not isinstance(named, dict) or all(map(_BLIND.fullmatch, named)):
        return named
    return {blind_subject(name, number): digest for number, (name, digest) in enumerate(named.items(), start=1)}


def _is_fact(node: JsonValue) -> TypeGuard[dict[str, JsonValue]]:
    return isinstance(node, dict) and "state" in node and "role" in node


def _inner(place: Place, name: str) -> Place:
    """The place of what stands under this name in a map."""
    variable = _VARIABLE.fullmatch(name) is not None
    versions = bool(_VERSION_KEY.search(name))
    return place._replace(
        versions=place.versions or versions,
        addresses=place.addresses or (variable and not versions) or bool(_ADDRESS_KEY.search(name)),
        serial=place.serial or SERIAL_KEY.search(name) is not None,
        host=variable and HOST_VARIABLE.search(name) is not None,
        job=variable and JOB_VARIABLE.search(name) is not None,
    )
