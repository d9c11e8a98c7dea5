"""The GNU build-id of an ELF file and the libraries that it is linked with (DT_NEEDED)."""

from __future__ import annotations

import struct

from .. import fact

_MAGIC = b"\x7fELF"
_WIDE, _LITTLE = 2, 1
_PT_LOAD, _PT_DYNAMIC, _PT_NOTE = 1, 2, 4
_NT_GNU_BUILD_ID = 3
_DT_NEEDED, _DT_STRTAB = 1, 5
_SECTION_LIMIT_BYTES = 1 << 20
"""A note or a dynamic section takes a few kilobytes; a larger one does not come from a compiler."""
_NAME_LIMIT_BYTES = 512


def described(path):
    """
    `(build_id, needed)` of a 64-bit little-endian ELF file: hexadecimal text, '' without one, and a sorted list.

    The linker computes the build-id over the whole file, so it distinguishes builds at the cost of two reads.
    Raises Unknown for any other file.
    """
    with open(path, "rb") as library:
        head = library.read(64)
        if len(head) < 64 or head[:4] != _MAGIC or head[4] != _WIDE or head[5] != _LITTLE:
            raise fact.Unknown("not a 64-bit little-endian ELF file")
        try:
            segments = _segments(library, head)
            return _build_id(library, segments), _needed(library, segments)
        except (struct.error, OverflowError, ValueError) as problem:
            raise fact.Unknown("a damaged ELF file: %s" % problem) from None


def _segments(library, head):
    """(type, offset, address, size) of each program header."""
    (table,) = struct.unpack_from("<Q", head, 32)
    width, count = struct.unpack_from("<HH", head, 54)
    library.seek(table)
    content = library.read(min(width * count, _SECTION_LIMIT_BYTES))
    found = []
    for place in range(0, len(content) - 55, width or 56):
        kind, _, offset, address, _, size = struct.unpack_from("<IIQQQQ", content, place)
        found.append((kind, offset, address, size))
    return found


def _content(library, offset, size):
    library.seek(offset)
    return library.read(min(size, _SECTION_LIMIT_BYTES))


def _build_id(library, segments):
    for kind, offset, _, size in segments:
        content = _content(library, offset, size) if kind == _PT_NOTE else b""
        place = 0
        while place + 12 <= len(content):
            name_bytes, body_bytes, note = struct.unpack_from("<III", content, place)
            name, body = place + 12, place + 12 + (name_bytes + 3) // 4 * 4
            if note == _NT_GNU_BUILD_ID and content[name : name + 4] == b"GNU\0":
                return content[body : body + body_bytes].hex()
            place = body + (body_bytes + 3) // 4 * 4
    return ""


def _needed(library, segments):
    """Names in the dynamic section; a loaded segment maps the address of its string table to a file offset."""
    section = next((_content(library, one[1], one[3]) for one in segments if one[0] == _PT_DYNAMIC), b"")
    entries = [struct.unpack_from("<QQ", section, place) for place in range(0, len(section) - 15, 16)]
    address = next((content for tag, content in entries if tag == _DT_STRTAB), None)
    if address is None:
        return []
    start = next(
        (
            offset + address - base
            for kind, offset, base, size in segments
            if kind == _PT_LOAD and 0 <= address - base < size
        ),
        address,
    )
    return sorted(_name(library, start + place) for tag, place in entries if tag == _DT_NEEDED)


def _name(library, place):
    library.seek(place)
    return library.read(_NAME_LIMIT_BYTES).split(b"\0", 1)[0].decode("utf-8", "replace")
