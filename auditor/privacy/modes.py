"""
The privacy modes: how identifying values are written.

`tokenised` (default): host names, user names, serial numbers, UUIDs and network addresses become tokens, which are
keyed digests (`host-` and twelve hexadecimal digits). Each machine has one key, so equal values get equal tokens, and
names cannot be guessed without the key. `identified`: values are unchanged. `anonymous`: a new key for each audit, so
that audits cannot be linked, and no paths, project addresses or facts of role identity.

docs/explanation/privacy.md lists the limits.
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
from .identity_shapes import TextContext
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
"""Facts that --anonymous leaves out in any role, since for example a public commit can be looked up."""
_SUBJECTS_KEY = "code.data"
"""The fact with the names of the manifest's subjects, in the same order."""
_BLIND = re.compile(r"(?:path|git|oci):subject-[0-9]+")
_PROFILED = frozenset((*SOFTWARE_PROFILE_V1, *MACHINE_PROFILE_V1))


@dataclass
class Privacy:
    """A privacy mode with its key and the identities of this machine."""

    mode: PrivacyMode = "tokenised"
    key: bytes = b""
    """The key of the tokens; if empty, the machine's key is read for the first token."""
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)

    def __post_init__(self) -> None:  # noqa: D105 - private state
        anonymous = self.mode == "anonymous"
        self._texts = Texts(anonymous, one_time_key() if anonymous else self.key, self.environment)

    @property
    def problem(self) -> str:
        """Why the machine's key could not be used, after `clean`; tokens then differ from those of other audits."""
        return self._texts.problem

    def written(self, document: JsonValue) -> JsonValue:
        """A document as it may be written: without secrets, and in this mode."""
        return self.clean(redact(document, os.environ))

    def clean(self, document: JsonValue) -> JsonValue:
        """The document as this mode writes it; unchanged if nothing in it identifies."""
        return document if self.mode == "identified" else self._value(document, TextContext())

    def text(self, text: str) -> str:
        """One text as this mode writes it."""
        return str(self.clean(text))

    def token(self, kind: str, text: str) -> str:
        """The token of a text of this kind."""
        return self._texts.token(kind, text)

    # ------------------------------------------------------------------------------------------------- documents

    def _value(self, node: JsonValue, context: TextContext) -> JsonValue:
        if isinstance(node, str):
            return self._texts.clean(node, context)
        if isinstance(node, list):
            return [self._value(item, context) for item in node]
        if not isinstance(node, dict):
            named = (context.serial or context.job) and type(node) is int
            return self._texts.clean(str(node), context) if named else node
        if list(node) == ["b64"] and isinstance(node["b64"], str):
            return {"b64": inside_base64(node["b64"], lambda text: self._texts.clean(text, context))}
        changed: dict[str, JsonValue] = {}
        for name, item in node.items():
            if _is_fact(item):
                changed[name] = self._fact(name, item)
            else:
                cleaned = self._value(item, _inner(context, name))
                changed[
                    free_name(self._texts.clean(name, context._replace(serial=False, host=False, job=False)), changed)
                ] = cleaned
        return changed

    def _fact(self, key: str, fact: dict[str, JsonValue]) -> JsonValue:
        """A fact, whose key and role give the context of its value."""
        identity = fact["role"] == "identity"
        if self.mode == ANONYMOUS_REASON and (identity or _PROJECT_KEY.search(key)):
            source = self._texts.clean(str(fact.get("source", "")), TextContext(identity=True))
            return {"state": "not-applicable", "role": fact["role"], "source": source, "reason": ANONYMOUS_REASON}
        if self.mode == ANONYMOUS_REASON and key == _SUBJECTS_KEY:
            fact = {**fact, "value": _blind(fact.get("value"))}
        text = TextContext(identity=identity)
        whole = isinstance(fact.get("value"), str) and key == "host.name"
        context = TextContext(
            identity=identity,
            versions=(fact["role"] == "software" and key != "env") or bool(_VERSION_KEY.search(key)),
            addresses=bool(_ADDRESS_KEY.search(key)),
            built=".build." in key or key in _PROFILED,
            serial=bool(SERIAL_KEY.search(key)),
            host=whole,
        )
        return {
            name: self._value(item, context if name == "value" else text) if name not in ("state", "role") else item
            for name, item in fact.items()
        }


def blind_subject(name: str, number: int) -> str:
    """An anonymous name of a subject: its kind and number, since file names can identify authors."""
    kind = name.partition(":")[0] if name.startswith(("git:", "oci:")) else "path"
    return f"{kind}:subject-{number}"


def _blind(named: JsonValue) -> JsonValue:
    """The digests under anonymous names; unchanged if the names are anonymous already."""
    if not isinstance(named, dict) or all(map(_BLIND.fullmatch, named)):
        return named
    return {blind_subject(name, number): digest for number, (name, digest) in enumerate(named.items(), start=1)}


def _is_fact(node: JsonValue) -> TypeGuard[dict[str, JsonValue]]:
    return isinstance(node, dict) and "state" in node and "role" in node


def _inner(context: TextContext, name: str) -> TextContext:
    """The context of the value under this name in a map."""
    variable = _VARIABLE.fullmatch(name) is not None
    versions = bool(_VERSION_KEY.search(name))
    return context._replace(
        versions=context.versions or versions,
        addresses=context.addresses or (variable and not versions) or bool(_ADDRESS_KEY.search(name)),
        serial=context.serial or SERIAL_KEY.search(name) is not None,
        host=variable and HOST_VARIABLE.search(name) is not None,
        job=variable and JOB_VARIABLE.search(name) is not None,
    )
