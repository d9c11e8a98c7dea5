"""Small specifications of the shape that `auditor container write` gives, and a wheel to put into them."""

from __future__ import annotations

import base64
import hashlib
import zipfile
from pathlib import Path

EPOCH_SECONDS = 1_790_000_000
WHEEL = "tiny_thing-1.0-py3-none-any.whl"

ENVIRONMENT = """\
FROM {base} AS build
ARG PIP_NO_INDEX
ARG PIP_INDEX_URL
ENV SOURCE_DATE_EPOCH={epoch} PYTHONDONTWRITEBYTECODE=1
COPY requirements.lock /spec/
COPY wheels/ /spec/wheels/
RUN python3 -m venv --without-pip /opt/audited \\
 && python3 -m venv /tools \\
 && /tools/bin/python -m pip --python /opt/audited/bin/python install --no-compile --no-deps --no-cache-dir \\
    --require-hashes --find-links /spec/wheels -r /spec/requirements.lock \\
 && find /opt/audited -exec touch --no-dereference --date=@$SOURCE_DATE_EPOCH {{}} +
FROM {base}
COPY --from=build /opt/audited /opt/audited
RUN touch --date=@{epoch} /opt/audited /opt
ENV PATH=/opt/audited/bin:$PATH
"""


def wheel(folder: Path, name: str = "tiny-thing", version: str = "1.0") -> Path:
    """A wheel with one module, the same bytes each time."""
    stem = f"{name.replace('-', '_')}-{version}"
    module = name.replace("-", "_")
    files = {
        f"{module}.py": "ANSWER = 42\n",
        f"{stem}.dist-info/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{stem}.dist-info/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{path},sha256={_digest(text)},{len(text)}\n" for path, text in files.items())
    files[f"{stem}.dist-info/RECORD"] = f"{record}{stem}.dist-info/RECORD,,\n"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{stem}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for member, text in files.items():
            archive.writestr(zipfile.ZipInfo(member, (2026, 1, 1, 0, 0, 0)), text)
    return path


def _digest(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


def lock(path: Path, *wheels: Path, hashes: dict[str, str] | None = None) -> Path:
    """A requirements.lock of these wheels; `hashes` gives others than their own."""
    lines = ["# written by a test"]
    for item in wheels:
        name, version, *_ = item.name.split("-")
        digest = (hashes or {}).get(name) or hashlib.sha256(item.read_bytes()).hexdigest()
        lines.append(f"{name.replace('_', '-')}=={version} \\\n    --hash=sha256:{digest}")
    path.write_text("\n".join(lines) + "\n")
    return path


def environment(folder: Path, base: str) -> Path:
    """A specification with a lock of one tiny wheel and an empty wheels/."""
    (folder / "wheels").mkdir(parents=True)
    (folder / "wheels" / "README").write_text("Wheels belong here.\n")
    (folder / "Dockerfile").write_text(ENVIRONMENT.format(base=base, epoch=EPOCH_SECONDS))
    lock(folder / "requirements.lock", wheel(folder.parent / "made"))
    return folder


def plain(folder: Path, base: str, *lines: str) -> Path:
    """A specification of one stage with these lines."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "Dockerfile").write_text("\n".join([f"FROM {base}", *lines, ""]))
    return folder
