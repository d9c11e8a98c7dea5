"""A real index on this machine, of real small wheels; and manifests of environments that were installed from it."""

from __future__ import annotations

import base64
import hashlib
import html
import io
import json
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import samples

from auditor.manifest.models import Fact

DIGEST = "ab" * 32
JSON = "application/vnd.pypi.simple.v1+json"
HTML = "text/html; charset=utf-8"


def wheel(name, version, tags=("py3-none-any",), *, filename="", build="", content="VALUE = 1\n"):
    """(file name, bytes) of a wheel that pip installs; `tags` stand in its WHEEL file, compressed in its name."""
    folder = f"{name}-{version}.dist-info"
    built = f"Build: {build}\n" if build else ""
    files = {
        f"{name}.py": content,
        f"{folder}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{folder}/WHEEL": f"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\n{built}"
        + "".join(f"Tag: {tag}\n" for tag in tags),
    }
    record = "".join(f"{path},sha256={_urlsafe(text)},{len(text)}\n" for path, text in files.items())
    files[f"{folder}/RECORD"] = f"{record}{folder}/RECORD,,\n"
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for path, text in files.items():
            archive.writestr(zipfile.ZipInfo(path), text)
    parts = zip(*(tag.split("-") for tag in tags), strict=True)
    compressed = "-".join(".".join(dict.fromkeys(part)) for part in parts)
    own = f"{name}-{version}-{build + '-' if build else ''}{compressed}.whl"
    return filename or own, stream.getvalue()


def _urlsafe(text):
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")


def nowhere(*_):
    """A callback that does and knows nothing."""


class Site:
    """A simple repository at /simple/, in JSON or HTML; any path can be given another answer."""

    def __init__(self):
        self.files = {}
        """Project to {file name: {"data": bytes, "url": ..., "hashes": ..., "yanked": ...}}."""
        self.answers = {}
        """Path to (status, headers, body or a function of the handler)."""
        self.seen = []
        """(path, headers) of every request."""
        self.kind = JSON
        self.credentials = None
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                site.seen.append((self.path, dict(self.headers)))
                site.answer(self)

            def log_message(self, *arguments):
                """Nothing on stderr."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.handle_error = nowhere  # a client that hangs up is part of the tests
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def place(self):
        """Host and port."""
        return f"127.0.0.1:{self.server.server_address[1]}"

    @property
    def url(self):
        """Its address as an index."""
        return f"http://{self.place}/simple/"

    def publish(self, made, **said):
        """List a file under its project; `said` replaces what the page says about it. Gives its sha256."""
        name, data = made
        digest = hashlib.sha256(data).hexdigest()
        project = said.pop("project", name.split("-")[0].replace("_", "-").lower())
        self.files.setdefault(project, {})[name] = {"data": data, "hashes": {"sha256": digest}, **said}
        return digest

    def paths(self):
        """What was asked for."""
        return [path for path, _ in self.seen]

    def answer(self, handler):
        """Answer one request."""
        if self.credentials and handler.headers.get("Authorization") != self.credentials:
            return self.send(handler, 401, {}, b"")
        if handler.path in self.answers:
            status, headers, body = self.answers[handler.path]
            return body(handler) if callable(body) else self.send(handler, status, headers, body)
        _, kind, *rest = handler.path.split("/")
        if kind == "simple" and rest[0] in self.files:
            body = self.page(rest[0])
            return self.send(handler, 200, {"Content-Type": self.kind}, body)
        for files in self.files.values():
            if kind == "files" and rest[0] in files:
                return self.send_part(handler, files[rest[0]]["data"])
        return self.send(handler, 404, {}, b"")

    def page(self, project):
        """A project's page."""
        files = self.files[project].items()
        if self.kind != JSON:
            return self.html(files)
        listed = [
            {"filename": name, "url": one.get("url", f"/files/{name}"), "hashes": one["hashes"]}
            | {key: one[key] for key in ("yanked", "size") if key in one}
            for name, one in files
        ]
        return json.dumps({"meta": {"api-version": "1.1"}, "name": project, "files": listed}).encode()

    @staticmethod
    def html(files):
        """The same by PEP 503."""
        lines = ["<!DOCTYPE html><html><body><h1>Links</h1>"]
        for name, one in files:
            hashes = "".join(f"#{kind}={value}" for kind, value in one["hashes"].items())
            yanked = f' data-yanked="{html.escape(one["yanked"])}"' if "yanked" in one else ""
            address = one.get("url", f"../../files/{name}")
            lines.append(f'<a href="{html.escape(address)}{hashes}"{yanked}>{html.escape(name)}</a><br/>')
        return "\n".join([*lines, "</body></html>"]).encode()

    def send_part(self, handler, data):
        """A file, or a range of it."""
        asked = handler.headers.get("Range", "")
        if not asked.startswith("bytes="):
            return self.send(handler, 200, {}, data)
        first, _, last = asked.removeprefix("bytes=").partition("-")
        start = int(first) if first else max(0, len(data) - int(last))
        end = min(int(last), len(data) - 1) if first and last else len(data) - 1
        headers = {"Content-Range": f"bytes {start}-{end}/{len(data)}"}
        return self.send(handler, 206, headers, data[start : end + 1])

    @staticmethod
    def send(handler, status, headers, body):
        """An answer."""
        handler.send_response(status)
        for name, text in {"Content-Length": str(len(body)), **headers}.items():
            handler.send_header(name, text)
        handler.end_headers()
        handler.wfile.write(body)

    def close(self):
        """Stop it."""
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def site():
    found = Site()
    yield found
    found.close()


@pytest.fixture
def other_site():
    found = Site()
    yield found
    found.close()


def entry(version="1.0", tag="py3-none-any", origin="index", **more):
    """One distribution as the fact python.distributions records it."""
    return {"version": version, "wheel_tag": tag, "origin": origin, **more}


def manifest(distributions, index=None):
    """A manifest of an environment that holds these distributions."""
    whole = samples.manifest()
    facts = dict(whole.predicate.facts)
    facts["python.distributions"] = Fact(state="value", role="software", value=distributions, source="dist-info")
    if index is not None:
        facts["python.index"] = Fact(state="value", role="identity", value=index, source="configuration")
    return whole.model_copy(update={"predicate": whole.predicate.model_copy(update={"facts": facts})})


class Tools:
    """What the tests of this folder share."""

    wheel = staticmethod(wheel)
    entry = staticmethod(entry)
    manifest = staticmethod(manifest)
    nowhere = staticmethod(nowhere)
    DIGEST, JSON, HTML = DIGEST, JSON, HTML

    @staticmethod
    def lock(site, distributions, *, publisher=nowhere, index=None):
        """The lock of an environment with these distributions, asked of the site."""
        from auditor.container import locks

        planned = locks.plan(manifest(distributions), site.url if index is None else index, publisher)
        return locks.lock(planned, DIGEST, lambda *_: None)


@pytest.fixture
def tools():
    return Tools
