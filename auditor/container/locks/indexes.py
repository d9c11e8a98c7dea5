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
    """One index to query."""

    url: str
    """Ends with a slash and has no credentials, so that it can be printed and written."""
    why: str = ""
    """Why this index is queried."""
    credentials: tuple[str, str] | None = field(default=None, repr=False)
    """User and password, sent only to this host and never written."""
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
        """Whether a URL from this index (of a file or a redirect) may be queried."""
        try:
            check(url)
        except ValueError:
            return False
        parts = urlsplit(url)
        if parts.username is not None or parts.password is not None:
            return False
        return parts.scheme == "https" or (self.url.startswith("http:") and is_local(parts.hostname or ""))


def chosen(named: str) -> Index:
    """The index that the user named. Raises UsageError unless it is an https URL (or http on this machine)."""
    unasked = "Nothing was queried or written."
    try:
        check(named)
    except ValueError as problem:
        raise UsageError(f"--index is not a valid URL: {problem}", unasked) from None
    parts = urlsplit(named)
    if parts.query or parts.fragment:
        raise UsageError("--index is not the URL of an index: it has a query or a fragment", unasked)
    if parts.scheme != "https" and not is_local(parts.hostname or ""):
        raise UsageError(
            "--index is plain http: anyone on the network could change the hashes", f"{unasked} Name its https URL."
        )
    return Index(_bare(named), "--index", _credentials(named))


def recorded(manifest: Manifest) -> tuple[list[Index], list[str]]:
    """The indexes of the audited pip or uv, the main one first; and why others are not queried."""
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
        raise ValueError("it contains invalid characters, or is too long")
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
    """The recorded indexes that may be queried: only https, since the manifest is untrusted."""
    for address in addresses:
        if _HIDDEN.search(address) or TOKEN.search(address):
            said.append("The manifest hides the URL of a recorded index, so it is not queried: name it with --index.")
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
            said.append(f"The recorded index {shown(address)} is not queried: it is not a plain https URL.")


def _bare(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path.rstrip("/") + "/", "", ""))


def _credentials(url: str) -> tuple[str, str] | None:
    parts = urlsplit(url)
    if parts.username is None:
        return None
    return unquote(parts.username), unquote(parts.password or "")
