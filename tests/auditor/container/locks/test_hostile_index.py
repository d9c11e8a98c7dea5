"""An index is a stranger: nothing that it answers leaves its place, takes the memory or the day, or learns a secret."""

from __future__ import annotations

import base64
import gzip
import json
import socket
import time

import pytest

from auditor.container.locks import answers, indexes, pages, wheelhouse
from auditor.container.locks import client as clients
from auditor.container.locks.pages import is_file_name
from auditor.errors import LockError, UsageError

GOOD = "pack-1.0-py3-none-any.whl"


def page(files, kind="application/vnd.pypi.simple.v1+json"):
    """A page of PEP 691 with these files."""
    body = json.dumps({"meta": {"api-version": "1.0"}, "name": "pack", "files": files}).encode()
    return 200, {"Content-Type": kind}, body


def listed(**said):
    return {"filename": GOOD, "url": f"/files/{GOOD}", "hashes": {"sha256": "ab" * 32}} | said


def told(site, tools):
    """What the lock says of pack 1.0."""
    locked = tools.lock(site, {"pack": tools.entry()})

    assert "" == locked.text
    return locked.notes[0]


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/pack-1.0-py3-none-any.whl",
        "pack-1.0-py3-none-any.whl\n--index-url=https://evil.example",
        "pack-1.0-py3-none-any.whl/../x.whl",
        "/pack-1.0-py3-none-any.whl",
        "pack-1.0-py3-none-any\x00.whl",
        "pack-1.0-py3-none-any\u202e.whl",
        "pack-1.0$(x)-py3-none-any.whl",
        "-r-1.0-py3-none-any.whl",
        "pack-1.0" + "-" * 250 + ".whl",
        "a" * 300 + "-1.0-py3-none-any.whl",
        7,
        None,
    ],
)
def test_a_name_of_another_shape_is_no_file(site, tools, name):
    """Folders, ends of lines, options, controls, dashes that keep an expression busy for hours: not listed."""
    site.answers["/simple/pack/"] = page([listed(filename=name)])

    assert not is_file_name(name) or name.startswith("-r")
    assert "has no file of this version" in told(site, tools)


def test_tags_that_expand_without_bounds_are_no_file(site, tools):
    """A hundred thousand tags from one name of 255 characters."""
    groups = "-".join(".".join("abcdefghijklmnopqrstuvwxyz"[:26]) for _ in range(3))
    site.answers["/simple/pack/"] = page([listed(filename=f"pack-1.0-{groups}.whl")])

    assert "has no file of this version" in told(site, tools)


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "javascript:alert(1)",
        "ftp://127.0.0.1/x",
        "http://example.com/pack.whl",
        "https://user:pass@example.com/x.whl",
        "http://[::1",
        "https://example.com:99999/x",
        "https://exa mple.com/x\r\nHost: y",
        "//",
        "",
    ],
)
def test_an_address_that_may_not_be_asked_is_no_file(url):
    """Another scheme, plain http to another machine, user information, what is malformed."""
    assert not indexes.Index("http://127.0.0.1:1/simple/").may_lead_to(url)


def test_https_never_leads_to_http():
    """Neither a file nor a redirect: an index that was asked over https stays there, also towards this machine."""
    index = indexes.Index("https://index.example/simple/")

    assert [True, False, False] == [
        index.may_lead_to(url) for url in ("https://files.example/x", "http://files.example/x", "http://127.0.0.1/x")
    ]


REDIRECTS = ["file:///etc/passwd", "http://example.com/simple/pack/", "/simple/pack/", "http://[", ""]


@pytest.mark.parametrize("target", REDIRECTS)
def test_a_redirect_elsewhere_or_in_a_circle_is_refused(site, tools, target):
    """The answer is said to be unusable, and nobody else is asked."""
    site.answers["/simple/pack/"] = (302, {"Location": target}, b"")

    assert "redirect" in told(site, tools) or "redirects to a URL that is not https" in told(site, tools)


def test_the_body_of_a_redirect_is_not_read(site, tools):
    """It could be without end; requests reads it even when told not to follow."""
    sent = []

    def endless(handler):
        handler.send_response(302)
        handler.send_header("Location", "/other/")
        handler.end_headers()
        for _ in range(400):
            handler.wfile.write(b" " * (1 << 20))
            sent.append(1)

    site.answers["/simple/pack/"] = (302, {}, endless)

    assert "the index does not have it" in told(site, tools)
    assert len(sent) < 100


def test_a_redirect_within_the_index_is_followed(site, tools):
    """As indexes do for names that are not in their normal form."""
    site.publish(tools.wheel("pack", "1.0"))
    site.answers["/simple/pack/"] = (301, {"Location": "/other/"}, b"")
    site.answers["/other/"] = (200, {"Content-Type": tools.JSON}, site.page("pack"))

    assert tools.lock(site, {"pack": tools.entry()}).text


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("JSON", b"[" * 200_000),
        ("JSON", b"{"),
        ("JSON", b"[]"),
        ("JSON", b'{"files": {}}'),
        ("JSON", b'{"files": [], "name": "pack", "meta": {"api-version": "9.0"}}'),
        ("JSON", b'{"files": [7, null, {}], "name": "pack"}'),
        ("JSON", b"\xff\xfe"),
        ("HTML", b"<a href='x'>" * 100_000),
        ("HTML", b"<a href='x'>t" * 100_000),
        ("HTML", b"<div>" * 200_000),
        ("HTML", b"<!--" * 5_000),
        ("HTML", b"<a href='http://[/pack-1.0-py3-none-any.whl'>pack-1.0-py3-none-any.whl</a>"),
        ("HTML", b"\x00\xff<base href='javascript:'><a href='pack-1.0-py3-none-any.whl'>pack-1.0-py3-none-any.whl"),
        ("HTML", b""),
    ],
)
def test_a_bomb_or_nonsense_is_an_answer_that_is_not_used(site, tools, kind, body):
    """Deep nesting, open anchors by the hundred thousand, wrong shapes: seconds, not hours, and no lock."""
    site.answers["/simple/pack/"] = (200, {"Content-Type": getattr(tools, kind)}, body)
    started = time.monotonic()

    assert told(site, tools).startswith("UNHASHED: pack==1.0: ")
    assert time.monotonic() - started < 60


@pytest.mark.parametrize("compressed", [False, True])
def test_an_answer_without_end_is_left(site, tools, monkeypatch, compressed):
    """10^9 bytes, plain or out of a few kilobytes of gzip: read up to the limit and no further."""
    monkeypatch.setattr(pages, "MOST_PAGE_BYTES", 4 << 20)
    block = b" " * (1 << 20)
    sent = []

    def endless(handler):
        handler.send_response(200)
        handler.send_header("Content-Type", tools.JSON)
        handler.send_header("Content-Length", "1000000000")
        if compressed:
            handler.send_header("Content-Encoding", "gzip")
        handler.end_headers()
        for _ in range(1000):
            data = gzip.compress(block) if compressed else block
            handler.wfile.write(data)
            sent.append(len(data))

    site.answers["/simple/pack/"] = (200, {}, endless)

    assert "larger than 4 MiB" in told(site, tools)
    assert sum(sent) < 100 << 20


def test_a_drip_of_bytes_ends_at_the_time_limit(site, tools, monkeypatch):
    """One byte now and then never lets a read time out; the whole answer has a limit of its own."""
    monkeypatch.setattr(pages, "MOST_PAGE_SECONDS", 0.5)

    def drip(handler):
        handler.send_response(200)
        handler.send_header("Content-Type", tools.JSON)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        for _ in range(1000):
            handler.wfile.write(b" ")
            handler.wfile.flush()
            time.sleep(0.05)

    site.answers["/simple/pack/"] = (200, {}, drip)

    assert "takes longer than" in told(site, tools)


def test_a_drip_of_headers_ends_at_the_deadline(site, tools, monkeypatch):
    """Before the first byte of the body nobody counts but the command's own deadline."""
    monkeypatch.setattr(answers, "DEADLINE_SECONDS", 1.0)

    def drip(handler):
        for _ in range(200):
            handler.wfile.write(b"H")
            handler.wfile.flush()
            time.sleep(0.05)

    site.answers["/simple/pack/"] = (200, {}, drip)
    started = time.monotonic()

    with pytest.raises(LockError) as caught:
        tools.lock(site, {"pack": tools.entry()})

    assert "did not answer within" in caught.value.message
    assert time.monotonic() - started < 5


def test_a_server_in_trouble_is_asked_again_and_its_wishes_are_not_obeyed(site, tools):
    """503 and a Retry-After of a year: asked three times in all, within seconds."""
    site.answers["/simple/pack/"] = (503, {"Retry-After": "31536000"}, b"")
    started = time.monotonic()

    with pytest.raises(LockError) as caught:
        tools.lock(site, {"pack": tools.entry()})

    assert "HTTP 503" in caught.value.message
    assert 1 + clients.RETRIES == len(site.seen)
    assert time.monotonic() - started < 30


def test_credentials_are_used_and_stay_with_their_host(site, other_site, tools):
    """Basic authentication to the index; another host, to which it leads, never sees it; no text holds it."""
    name, data = tools.wheel("pack", "1.0")
    site.publish((name, data), url=f"http://{other_site.place}/files/{name}")
    other_site.publish((name, data))
    site.credentials = "Basic " + base64.b64encode(b"me:s3cr3t-w0rd").decode()
    locked = tools.lock(site, {"pack": tools.entry()}, index=site.url.replace("//", "//me:s3cr3t-w0rd@"))
    planned = repr(locked) + locked.text

    assert [name] == [file.filename for file in locked.files["pack"]]
    assert "s3cr3t" not in planned
    assert "Authorization" not in {key for _, headers in other_site.seen for key in headers}


def test_wrong_credentials_are_not_repeated(site, tools):
    """401 is said without what was sent."""
    site.credentials = "Basic x"
    with pytest.raises(LockError) as caught:
        tools.lock(site, {"pack": tools.entry()}, index=site.url.replace("//", "//me:s3cr3t-w0rd@"))

    assert "HTTP 401" in caught.value.message
    assert "s3cr3t" not in caught.value.message + caught.value.hint


def test_a_wrong_address_with_credentials_is_not_repeated(tools):
    """A usage error says what is wrong, not what was typed."""
    from auditor.container import locks

    with pytest.raises(UsageError) as caught:
        locks.plan(tools.manifest({}), "http://me:s3cr3t-w0rd@example.com/", tools.nowhere)

    assert "s3cr3t" not in caught.value.message + caught.value.hint


def locked(site, tools, *names):
    for name in names:
        site.publish(tools.wheel(name, "1.0"))
    return tools.lock(site, {name: tools.entry() for name in names})


def test_a_wheelhouse_holds_every_locked_file(site, tools, tmp_path):
    """Whole files under their names and nothing else; a second run finds them there and downloads nothing."""
    found = locked(site, tools, "alpha", "beta")
    first = wheelhouse.fill(found, tmp_path / "wheels", tools.nowhere)
    asked = len(site.seen)
    second = wheelhouse.fill(found, tmp_path / "wheels", tools.nowhere)

    assert ["alpha-1.0-py3-none-any.whl", "beta-1.0-py3-none-any.whl"] == sorted(
        path.name for path in (tmp_path / "wheels").iterdir()
    )
    assert (sum(len(one["data"]) for files in site.files.values() for one in files.values()), 0) == (first, second)
    assert len(site.seen) == asked


def test_a_changed_wheel_is_refused_removed_and_named(site, tools, tmp_path):
    """Changed between the page and the download; what was right before it is kept."""
    found = locked(site, tools, "alpha", "beta")
    site.files["beta"]["beta-1.0-py3-none-any.whl"]["data"] = b"other"
    with pytest.raises(LockError) as caught:
        wheelhouse.fill(found, tmp_path, tools.nowhere)

    assert "beta-1.0-py3-none-any.whl is not the locked file" in caught.value.message
    assert ["alpha-1.0-py3-none-any.whl"] == [path.name for path in tmp_path.iterdir()]


def test_a_file_that_is_there_and_wrong_is_replaced(site, tools, tmp_path):
    """Also a link in its place: what it points to is not touched."""
    found = locked(site, tools, "alpha")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_bytes(b"mine")
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    (wheels / "alpha-1.0-py3-none-any.whl").symlink_to(elsewhere)
    wheelhouse.fill(found, wheels, tools.nowhere)

    assert b"mine" == elsewhere.read_bytes()
    assert not (wheels / "alpha-1.0-py3-none-any.whl").is_symlink()


def test_a_broken_download_leaves_no_part(site, tools, tmp_path):
    """The connection ends before the file does."""
    found = locked(site, tools, "alpha")

    def short(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", "100000")
        handler.end_headers()
        handler.wfile.write(b"part")
        handler.wfile.flush()
        handler.connection.shutdown(socket.SHUT_RDWR)

    site.answers["/files/alpha-1.0-py3-none-any.whl"] = (200, {}, short)
    with pytest.raises(LockError) as caught:
        wheelhouse.fill(found, tmp_path, tools.nowhere)

    assert "alpha-1.0-py3-none-any.whl" in caught.value.message
    assert [] == list(tmp_path.iterdir())
