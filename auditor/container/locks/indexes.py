"""The indexes to query: the user's, else the recorded ones, else the public default. URLs are validated."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit, urlunsplit

from ...errors import UsageError
from ...manifest.models import Manifest
from ...manifest.strict_json import shown
from ...privacy.identity_shapes import TOKEN

if TYPE_CHECKING:
    from ..specs.indexes import PublisherIndex

PUBLIC = "https://pypi.org/simple/"
"""The default of pip and of uv (https://pip.pypa.io/en/stable/cli/pip_install/, option --index-url)."""
MOST_ADDRESS_CHARACTERS = 2000
_MAIN = re.compile(r"(?:PIP_INDEX_URL|UV_DEFAULT_INDEX|UV_INDEX_URL|pip\.conf index-url): (.*)", re.DOTALL)
_MORE = re.compile(
    r"(?:PIP_EXTRA_INDEX_URL|UV_EXTRA_INDEX_URL|UV_INDEX|pip\.conf extra-index-url|uv\.toml): (.*)", re.DOTALL
)
"""How the fact `python.index` names what pip and uv were configured with; uv.toml does not say which is the default."""
_HIDDEN = re.compile(r"redacted|<path>|<address>", re.IGNORECASE)
_ADDRESS = re.compile(r"[!#-;=?-\[\]_a-z~]+")
"""The characters of RFC 3986: no white space, no quotes, no brackets of Markdown or HTML, no control."""


@dataclass
class Index:
    """One index, as it is asked."""

    url: str
    """With a slash at its end and without credentials: what may be printed and written."""
    why: str = ""
    """Why this index is queried."""
    credentials: tuple[str, str] | None = field(default=None, repr=False)
    """User and password, used towards this host alone and never written."""
    one_page: bool = False
    """A single page of links to the files of several projects (pip's find-links)."""

    @classmethod
    def published(cls, place: PublisherIndex, name: str) -> Index:
        """The index of a publisher's builds."""
        one_page = place.kind == "find-links"
        return cls(
            place.url if one_page else place.url.rstrip("/") + "/", f"of the publisher of {name}", None, one_page
        )

    def page(self, name: str) -> str:
        """The address of a project's page."""
        return self.url if self.one_page else f"{self.url}{name}/"

    @property
    def local(self) -> bool:
        """Whether it is on this machine, where http is allowed."""
        return is_local(urlsplit(self.url).hostname or "")

    def may_lead_to(self, url: str) -> bool:
        """Whether an address that this index names (of a file, of a redirect) may be asked."""
        try:
            check(url)
        except ValueError:
            return False
        parts = urlsplit(url)
        if parts.username is not None or parts.password is not None:
            return False
        return parts.scheme == "https" or (self.url.startswith("http:") and is_local(parts.hostname or ""))


def chosen(named: str) -> Index:
    """The index that the user named. Raises UsageError for what is no https address (or http on this machine)."""
    unasked = "Nothing was asked and nothing written."
    try:
        check(named)
    except ValueError as problem:
        raise UsageError(f"--index is no index's address: {problem}", unasked) from None
    parts = urlsplit(named)
    if parts.query or parts.fragment:
        raise UsageError("--index is no index's address: it has a query or a fragment", unasked)
    if parts.scheme != "https" and not is_local(parts.hostname or ""):
        raise UsageError(
            "--index is plain http: anyone on the way could change the hashes", f"{unasked} Name its https address."
        )
    return Index(_bare(named), "--index", _credentials(named))


def recorded(manifest: Manifest) -> tuple[list[Index], list[str]]:
    """The indexes that the audited pip or uv was configured with, the main one first; and why others are not asked."""
    fact = manifest.predicate.facts.get("python.index")
    lines = fact.value if fact is not None and fact.state == "value" else []
    texts = [line for line in lines if isinstance(line, str)] if isinstance(lines, list) else []
    said: list[str] = []
    main = list(_usable(_addresses(texts, _MAIN), said))
    first = main[:1] or [Index(PUBLIC, "the public default")]
    found = {index.url: index for index in (*first, *main[1:], *_usable(_addresses(texts, _MORE), said))}
    return [*found.values()], said


def check(url: str) -> None:
    """Raises ValueError, with a reason that repeats nothing of it, for what is no http or https address."""
    if len(url) > MOST_ADDRESS_CHARACTERS or not _ADDRESS.fullmatch(url):
        raise ValueError("it holds what no address may hold, or is too long")
    parts = urlsplit(url)
    if parts.scheme not in ("https", "http"):
        raise ValueError("it is neither https nor http")
    if not parts.hostname or parts.port == 0:  # .port raises ValueError for what is no number
        raise ValueError("it names no host")


def is_local(host: str) -> bool:
    """Whether a host is this machine."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _addresses(texts: Iterable[str], kind: re.Pattern[str]) -> Iterator[str]:
    for text in texts:
        found = kind.fullmatch(text)
        yield from found[1].split() if found else ()


def _usable(addresses: Iterable[str], said: list[str]) -> Iterator[Index]:
    """The recorded addresses that may be asked: https alone, since a manifest is somebody else's file."""
    for address in addresses:
        if _HIDDEN.search(address) or TOKEN.search(address):
            said.append("A recorded index was hidden when the manifest was written, so it is not asked: see --index.")
            continue
        try:
            check(address)
            parts = urlsplit(address)
            usable = parts.scheme == "https" and not (parts.query or parts.fragment or "@" in parts.netloc)
        except ValueError:
            usable = False
        if usable:
            yield Index(_bare(address), "recorded in the manifest")
        else:
            said.append(f"The recorded index {shown(address)} is not asked: it is no plain https address.")


def _bare(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path.rstrip("/") + "/", "", ""))


def _credentials(url: str) -> tuple[str, str] | None:
    parts = urlsplit(url)
    if parts.username is None:
        return None
    return unquote(parts.username), unquote(parts.password or "")
