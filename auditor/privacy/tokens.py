"""Replaces the identifying parts of a text with tokens."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from . import identity_shapes as shapes
from .identities import Identities, host_of, of_this_machine
from .identity_shapes import TOKEN, TextContext
from .secret_shapes import REDACTED
from .token_key import machine_key

TOKEN_DIGITS = 12
"""48 bits: two of a thousand names collide with a probability of 1 in 500 million."""

_DOMAIN = (
    r"(?:\.[a-z0-9-]+)*\.(?:local|lan|internal|localdomain|intranet|cluster|compute|home|arpa|edu|com|org|net|gov|cloud"
    r"|(?!py|so|sh|md|cc|cu|gz|js)[a-z]{2})"
)


@dataclass
class Texts:
    """Cleans the texts of one document, with a cache for equal texts."""

    anonymous: bool
    """Whether paths, project addresses and mail addresses are replaced too."""
    key: bytes
    """The key of the tokens; if empty, the machine's key is read for the first token."""
    environment: Mapping[str, str]
    """The environment that the program was started in."""
    problem: str = ""
    """Why the machine's own key could not be used."""

    def __post_init__(self) -> None:  # noqa: D105 - private state
        self._seen: dict[tuple[str, TextContext], str] = {}

    def token(self, kind: str, text: str) -> str:
        """The token of a text of this kind."""
        if not self.key:
            self.key, self.problem = machine_key()
        digest = hmac.new(self.key, f"{kind}\0{text}".encode("utf-8", "surrogateescape"), hashlib.sha256).hexdigest()
        return f"{kind}-{digest[:TOKEN_DIGITS]}"

    def clean(self, text: str, context: TextContext) -> str:
        """The text without identifying parts; unchanged if there are none."""
        known = self._seen.get((text, context))
        if known is None:
            known = self._seen[text, context] = self._cleaned(text, context)
        return known

    def _cleaned(self, text: str, context: TextContext) -> str:
        if not text or text.startswith(REDACTED) or TOKEN.fullmatch(text):
            return text
        if context.serial:
            return self.token("serial", text)
        if context.job:
            return self.token("job", text)
        if context.host and (host := host_of(text)):
            text = text.replace(host, self._host(host))
        text = self._without_numbers(text, context)
        if "/" in text and not context.built:
            text = shapes.HOME.sub(self._home, text)
        text = self._without_names(text, context)
        return shapes.without_places(text) if self.anonymous else text

    def _without_numbers(self, text: str, context: TextContext) -> str:
        """The text without UUIDs, serial numbers and network addresses."""
        if "-" in text:
            text = shapes.UUID.sub(self._uuid, text)
        if ":" in text or "-" in text:
            text = shapes.MAC.sub(lambda found: self.token("mac", found[0].lower().replace("-", ":")), text)
        if ":" in text:
            text = shapes.IPV6.sub(self._ip_6, text)
        if text.count(".") > 2:
            own = self._identities.addresses
            text = shapes.IPV4.sub(
                lambda found: (
                    self.token("ip", found[0]) if shapes.is_network_address(found, context, own) else found[0]
                ),
                text,
            )
        if "uid" in text or "UID" in text:
            text = shapes.GUID.sub(lambda found: found[1] + self.token("mac", found[2].lower()), text)
        return shapes.SERIAL.sub(self._serial, text) if "erial" in text or "ERIAL" in text else text

    def _without_names(self, text: str, context: TextContext) -> str:
        if self._names:
            text = self._names.sub(self._name, text)
        if self._jobs:
            text = self._jobs.sub(lambda found: found[1] + self.token("job", found[2]), text)
        if context.identity and self._ordinary:
            text = self._ordinary.sub(self._name, text)
        return text

    def _uuid(self, found: re.Match[str]) -> str:
        prefix, number = (found[1], found[2]) if found[2] else (found[3], found[4])
        return f"{prefix or ''}{self.token('uuid', number.lower().replace('-', ''))}"

    def _ip_6(self, found: re.Match[str]) -> str:
        return self.token("ip", found[0].lower()) if shapes.is_network_address_6(found[0]) else found[0]

    def _serial(self, found: re.Match[str]) -> str:
        number = found[2]
        if TOKEN.match(number) or not re.search(r"\d", number):
            return found[0]
        return found[1] + self.token("serial", number)

    def _home(self, found: re.Match[str]) -> str:
        return found[0] if TOKEN.match(found[2]) else found[1] + self.token("user", found[2])

    def _name(self, found: re.Match[str]) -> str:
        """The token of a known name of this machine; a host with a domain gets the host's token."""
        text = found[0]
        kind = self._kinds.get(text.lower()) or self._kinds.get(text.partition(".")[0].lower(), "host")
        return self._host(text) if kind == "host" else self.token(kind, text)

    def _host(self, name: str) -> str:
        return self.token("host", name.partition(".")[0].lower())

    @cached_property
    def _identities(self) -> Identities:
        return of_this_machine(self.environment)

    @cached_property
    def _kinds(self) -> dict[str, str]:
        known = {**self._identities.ordinary, **self._identities.names}
        return {name.lower(): kind for name, kind in known.items()}

    @cached_property
    def _names(self) -> re.Pattern[str] | None:
        return _alternatives(self._identities.names, "A-Za-z0-9")

    @cached_property
    def _jobs(self) -> re.Pattern[str] | None:
        if not self._identities.jobs:
            return None
        numbers = "|".join(sorted(self._identities.jobs, key=len, reverse=True))
        word = r"(?:slurm|job|stepid)(?:[ _-]?id)?[\s:=#\"'_-]{0,3}0*"
        return re.compile(rf"((?<![A-Za-z]){word})({numbers})(?![0-9A-Za-z])", re.IGNORECASE)

    @cached_property
    def _ordinary(self) -> re.Pattern[str] | None:
        return _alternatives(self._identities.ordinary, r"\w.-")


def _alternatives(names: Mapping[str, str], inside: str) -> re.Pattern[str] | None:
    """One pattern for all names as separate words, longest first; None without names."""
    if not names:
        return None
    told = (
        f"(?i:{re.escape(name)}(?:{_DOMAIN})?)" if names[name] == "host" else re.escape(name)
        for name in sorted(names, key=len, reverse=True)
    )
    return re.compile(rf"(?<![{inside}])(?:{'|'.join(told)})(?![{inside}])")
