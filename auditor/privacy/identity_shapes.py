"""Patterns of identifying texts: network addresses, UUIDs, home folders, paths, project addresses."""

from __future__ import annotations

import ipaddress
import re
from typing import NamedTuple

TOKEN = re.compile(r"(?:host|user|ip|mac|uuid|serial|job)-[0-9a-f]{12}")
"""A token, which is never replaced again."""

UUID = re.compile(
    r"(?<![0-9A-Za-z])(?:(GPU-|MIG-|MIG-GPU-)?([0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})"
    r"|((?:MIG-)?GPU-|MIG-)([0-9a-f]{4,32}))(?![0-9A-Za-z])"
)
"""RFC 9562 with NVIDIA's prefixes; also a prefix of a UUID, which is enough to select a device."""
MAC = re.compile(
    r"(?<![0-9A-Za-z:-])(?!00(?:[:-]00)+(?![:-]))[0-9A-Fa-f]{2}([:-])(?:[0-9A-Fa-f]{2}\1){4,18}[0-9A-Fa-f]{2}(?![0-9A-Za-z:-])"
    r"|(?<![\w:.])(?:[0-9a-f]{4}:){3}[0-9a-f]{4}(?![\w:])"
)
"""Six bytes, or twenty for InfiniBand, or a GUID of four groups; zeros are not an address."""
IPV6 = re.compile(r"(?<![\w:.])(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4}(?![\w:])")
IPV4 = re.compile(r"(?<![\w.-])(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?!\w|\.\w|[-+]\w)")
HOME = re.compile(
    r"((?:(?<=file://)|(?<=-[IL])|(?<![\w.~%/-]))(?:/[\w.-]+){0,3}?/(?:home|homes|Users)/)([^/\s:;,\"'<>|()\[\]{}=\\]+)"
)
SERIAL = re.compile(
    r"(\bserial(?:[ _-]?(?:numbers?|num|no|nr|id)\.?\s*(?:is|[:=#])?|\s*[:=#])\s*[\"']?)([A-Za-z0-9][\w-]{3,})",
    re.IGNORECASE,
)
GUID = re.compile(r"(\bguids?\b[\s:=\"']{1,4})((?:0x)?[0-9a-f]{16})(?![0-9a-z])", re.IGNORECASE)
"""An InfiniBand GUID without colons, recognised by the word before it."""

_IPV6_RANGES = tuple(ipaddress.ip_network(text) for text in ("2000::/3", "fc00::/7", "fe80::/10", "ff00::/8"))
"""Assigned address ranges; `dead::beef` is a C++ name."""
_VERSION_BEFORE = re.compile(
    r"(?:[=<>!~]=\s*|\bv|\b(?:version|release)s?\b\W{0,3}(?:is\s+)?|[_-](?:VERSION|VER)=)$", re.IGNORECASE
)
_ADDRESS_BEFORE = re.compile(
    r"(?:(?:^|[^a-z])(?:ips?|ipv4|addr|addrs|address|hosts?|nodes?|server|peer|endpoint|master|gateway|inet|dns|proxy"
    r"|listen(?:ing)?(?: on)?|connect(?:ed|ing|ion)?(?: to)?)[\s\"'=:(\[]{1,4}|//|@|\[|ffff:)$",
    re.IGNORECASE,
)
_PACKAGE_BEFORE = re.compile(
    r"\b(?:nvidia-[\w-]+|[\w-]+-cu\d\d|cuda\w*|cu(?:dnn|blas|fft|rand|solver|sparse)\w*|nccl|tensorrt|libn?cu\w+)\b",
    re.IGNORECASE,
)
"""Packages whose versions have four numbers."""
_PORT_OR_NETWORK = re.compile(r":[0-9]{1,5}(?![0-9])|/[0-9]{1,2}(?![0-9.])")
_LOOK_BACK_CHARACTERS = 60
_NO_MAJOR_VERSION = 100
"""Smallest first number that no four-number version has."""


class TextContext(NamedTuple):
    """The context of a text in a document, which decides how it is interpreted."""

    identity: bool = False
    """In a fact of role identity, where ordinary names are replaced too."""
    versions: bool = False
    """Among versions: a dotted number is an address only if a word or port says so."""
    addresses: bool = False
    """Among addresses."""
    built: bool = False
    """In build information of a framework, where /home/conda belongs to its builders."""
    serial: bool = False
    """The text is a serial number."""
    host: bool = False
    """The text is a host, perhaps with a port."""
    job: bool = False
    """The text is the number of a job."""


def is_network_address(found: re.Match[str], context: TextContext, own: frozenset[str]) -> bool:
    """
    Whether a dotted quad is an address and not a version; nvidia-curand 10.3.5.147 could be both.

    In prose it is an address unless something says version; alone as a value it is a version unless its context or its
    range says address.
    """
    try:
        address = ipaddress.IPv4Address(found[0])
    except ValueError:
        return False
    if address.is_loopback or address.is_unspecified or found[0].startswith("255."):
        return False
    text, start, end = found.string, found.start(), found.end()
    before = text[max(0, start - _LOOK_BACK_CHARACTERS) : start]
    if found[0] in own or _PORT_OR_NETWORK.match(text, end):
        return True
    if _VERSION_BEFORE.search(before):
        return False
    if _ADDRESS_BEFORE.search(before):
        return True
    if context.versions:
        return False
    if found[0] == text.strip():
        return context.addresses or context.identity or address.packed[0] >= _NO_MAJOR_VERSION
    return not _PACKAGE_BEFORE.search(before)


def is_network_address_6(text: str) -> bool:
    """Whether a text of hexadecimal groups is an IPv6 address that identifies; `::1` does not."""
    try:
        address = ipaddress.IPv6Address(text)
    except ValueError:
        return False
    return any(address in network for network in _IPV6_RANGES)


# ----------------------------------------------------------------------------------- replaced by --anonymous only

_IN_PATH = r"[^\s\"'<>|;,:()\[\]{}`*?]"
_SYSTEM = re.compile(
    r"/(?:\.dockerenv|proc|sys|dev|bin|sbin|lib|lib32|lib64|etc"
    r"|usr/(?:bin|sbin|lib|lib32|lib64|libexec|share|include|local(?:/cuda[\w.-]*)?))(?:[/,\s]|$)"
)
"""Folders of every Linux system."""
_PATH = re.compile(
    rf"(?:(?<=[\"'])/[^\"'\n]+(?=[\"'])|(?:(?<=-[IL])|(?<![\w.~%/>)-]))(?:/(?!/)|(?<!\w)~[\w.-]*/){_IN_PATH}*)"
)
_URL = re.compile(
    r"\b(?:[a-z][a-z0-9+.-]{1,20})://[^\s\"'<>]+|(?<![\w./-])[\w.-]{1,100}@[\w.-]{1,200}:(?!\d)[\w./~-]+", re.IGNORECASE
)
_MAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,100}@[\w-]{1,100}(?:\.[\w-]+)+")
_PUBLISHED = re.compile(
    r"https?://(?:(?:[\w-]+\.)*(?:pytorch\.org|tensorflow\.org|jax\.dev|python\.org|pypa\.io|numpy\.org|nvidia\.com"
    r"|intel\.com|amd\.com|keras\.io|man7\.org|kernel\.org|gnu\.org|sourceware\.org|freedesktop\.org|no-color\.org)"
    r"|github\.com/(?:pytorch|tensorflow|jax-ml|google|openxla|numpy|nvidia|python|keras-team|OpenMathLib|huggingface"
    r"|oneapi-src|uxlfoundation|triton-lang|intel|rocm))(?=[/?#.,;)\s]|$)",
    re.IGNORECASE,
)
"""Addresses of publishers of the frameworks, which messages and remedies cite; others are replaced."""


def without_places(text: str) -> str:
    """The text without local paths, project addresses and mail addresses."""
    if text.startswith("/") and "\n" not in text and ":" not in text and " /" not in text:
        return _basename(text)
    if "://" in text or "@" in text:
        text = _MAIL.sub("<address>", _URL.sub(_url, text))
    return _PATH.sub(lambda found: _basename(found[0]), text) if "/" in text else text


def _url(found: re.Match[str]) -> str:
    if _PUBLISHED.match(found[0]):
        return found[0]
    return _basename(found[0][7:]) if found[0].lower().startswith("file:///") else "<address>"


def _basename(path: str) -> str:
    """`<path>/` and the last name, or `<path>` if that identifies; system folders are kept."""
    if path == "/" or _SYSTEM.match(path):
        return path
    last = path.rstrip("/").rpartition("/")[2]
    return "<path>" if not last or TOKEN.fullmatch(last) or last.startswith("~") else f"<path>/{last}"
