"""
Queries an untrusted index over the network: size and time are bounded, and only https is used, also for redirects.

urllib3 retries requests; a server's `Retry-After` is ignored, since it could be a year.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urljoin, urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError
from urllib3.util import Retry

from ... import __version__
from .indexes import Index

LOG = logging.getLogger(__name__)
CONNECT_SECONDS = 10.0
READ_SECONDS = 30.0
"""Largest time without data."""
MOST_REDIRECTS = 5
RETRIES = 2
BLOCK_BYTES = 1 << 16
RETRIED = (429, 500, 502, 503, 504)
REDIRECTS = (301, 302, 303, 307, 308)


class Unreachable(Exception):  # noqa: N818 -- becomes a note or a LockError where it is known which
    """The index does not answer, or refuses this client."""


class Dead(Unreachable):
    """No connection to the index, so it is not queried again."""


class Refused(Exception):  # noqa: N818 -- the same
    """The answer is not used; the message has the reason."""


class NotInIndex(Exception):  # noqa: N818 -- the same
    """The index does not have the file or project."""


class _Session(requests.Session):
    """A session that ignores redirects: requests otherwise reads their bodies, of any size."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        del resp


class Client:
    """One connection pool towards one index; for one thread."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self.requests = 0
        self._session = _Session()
        self._session.headers["User-Agent"] = f"auditor/{__version__}"
        retry = Retry(
            total=RETRIES,
            backoff_factor=0.3,
            status_forcelist=RETRIED,
            raise_on_status=False,
            respect_retry_after_header=False,
        )
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, HTTPAdapter(max_retries=retry))

    def close(self) -> None:
        """Close its connections."""
        self._session.close()

    def read(self, url: str, accept: str, most_bytes: int, seconds: float) -> tuple[bytes, str, str]:
        """Body, content type and final address. Raises Unreachable, Refused or NotInIndex."""
        with self.open(url, {"Accept": accept}) as response:
            body = bytearray()
            for block in blocks(response, most_bytes, seconds):
                body += block
            return bytes(body), response.headers.get("Content-Type", ""), response.url

    @contextmanager
    def open(self, url: str, headers: dict[str, str]) -> Iterator[requests.Response]:
        """The final answer with status 200 or 206, its body unread. Raises Unreachable, Refused or NotInIndex."""
        response = self._followed(url, headers)
        try:
            _require_success(response)
            yield response
        except (requests.RequestException, HTTPError) as problem:
            raise Unreachable(f"the connection broke ({type(problem).__name__})") from problem
        finally:
            response.close()

    def _followed(self, url: str, headers: dict[str, str]) -> requests.Response:
        for _ in range(MOST_REDIRECTS + 1):
            if not self.index.may_lead_to(url):
                raise Refused("it redirects to a URL that is not https, or malformed")
            response = self._asked(url, headers)
            if response.status_code not in REDIRECTS:
                return response
            target = response.headers.get("Location", "")
            response.close()
            url = joined(url, target)
        raise Refused(f"it redirects more than {MOST_REDIRECTS} times")

    def _asked(self, url: str, headers: dict[str, str]) -> requests.Response:
        self.requests += 1
        own = _place(url) == _place(self.index.url)
        LOG.info("asks %s%s", url, " with credentials" if own and self.index.credentials else "")
        try:
            return self._session.get(
                url,
                headers=headers,
                auth=self.index.credentials if own else None,
                stream=True,
                allow_redirects=False,
                timeout=(CONNECT_SECONDS, READ_SECONDS),
            )
        except (requests.RequestException, HTTPError, OSError, ValueError) as problem:
            raise Dead(_reason(problem)) from problem


def blocks(response: requests.Response, most_bytes: int, seconds: float) -> Iterator[bytes]:
    """
    A body, block by block as it comes. Raises Refused beyond a size or a time.

    `read1` gives what has come, where `iter_content` waits for a whole block: a drip of bytes would hold it for hours.
    """
    deadline, total = time.monotonic() + seconds, 0
    while True:
        block = response.raw.read1(BLOCK_BYTES, decode_content=True)
        if not block:
            return
        total += len(block)
        if total > most_bytes:
            raise Refused(f"its answer is larger than {most_bytes >> 20} MiB")
        if time.monotonic() > deadline:
            raise Refused(f"its answer takes longer than {seconds:.0f} s")
        yield block


def joined(base: str, address: str) -> str:
    """A URL relative to another; empty if it is invalid."""
    try:
        return urljoin(base, address)
    except ValueError:
        return ""


def _require_success(response: requests.Response) -> None:
    if response.status_code in (404, 410):
        raise NotInIndex("the index does not have it")
    if response.status_code in (401, 403, 407):
        raise Unreachable(f"it refuses this client (HTTP {response.status_code}): credentials are missing or wrong")
    if response.status_code not in (200, 206):
        raise Unreachable(f"it answers HTTP {response.status_code}")


def _place(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port


def _reason(problem: Exception) -> str:
    """Why the index is unreachable, without URLs, which may contain secrets."""
    words = {
        requests.exceptions.ProxyError: "the proxy refuses the connection",
        requests.exceptions.SSLError: "its certificate is not trusted on this machine",
        requests.exceptions.Timeout: "it does not answer in time",
        requests.exceptions.ConnectionError: "no connection: no network, or no such host",
    }
    return next((text for kind, text in words.items() if isinstance(problem, kind)), type(problem).__name__)
