"""
The trace format: the numbers and texts that every recorder writes (docs/reference/trace-format.md).

The host reads traces by `auditor/replay/trace/format.py`; a test compares the constants of both files.
"""

from __future__ import annotations

import struct

MAGIC, VERSION = b"AUDTRC1\0", 1
HEADER = struct.Struct("<8sII16sI28x")
"""Magic, version, bytes of a record, name of the digest algorithm, flags (`DETAIL`)."""
RECORD = struct.Struct("<BBHIIIQQ")
"""kind, flags, count, name, site, meta, digest, extra."""
RECORD_BYTES = RECORD.size
DIGEST = struct.Struct("<Q")
DIGEST_AT = 16
"""Offset of the digest within a record (bytes)."""
MASK_64 = (1 << 64) - 1

DEF, OP, IN, ARG, DRAW, SEED, OUTSIDE, READ, END, PROCESS, PROBLEM, REGION, AWAITED = range(1, 14)
"""Kinds of records. 0 marks the end of what was written."""
NAMES, SITES, METAS, TEXTS = range(1, 5)
"""Tables of texts; a DEF record assigns an id to a text, within its table."""
DETAIL = 1
"""Flag of the header: recorded in the detail tier."""
DRAWS, INPLACE, BACKWARD, OVERWRITES, ALLOCATES, READS_OUT, ENTERS = 1, 2, 4, 8, 16, 32, 64
"""Flags of OP and REGION."""
VOLATILE = 1
"""Flag of OUTSIDE: the value differs in every run (a clock), so the record has no digest."""

TASK_SHIFT = 40
"""Bit of an IN record's `extra` from which the writer's task ordinal is stored; see `writer_of`."""
MOST_POSITION = 0xFFFF
"""Largest position of an input that the `count` of an IN record can hold."""
ZOOM = "zoom:"
"""Prefix of the names of operations inside a compiled region that was evaluated step by step."""
STATEMENTS_END = "auditor.statements-end"
"""Name of the OUTSIDE record at the limit of recorded statements. It is volatile, so it is not compared."""
UNKNOWN_SITE = "?\t0\t\t"
"""The site text when no line of the user's is known."""
MOST_CODE = 200
"""Characters of a source line that a site text keeps."""
SHORT_DTYPES = {"float": "f", "int": "i", "uint": "u", "bfloat": "bf", "complex": "c", "bool": "b1"}


def writer_of(ordinal, index):
    """The `extra` of an IN record: the task `ordinal` and the record `index` that wrote the input last; never 0."""
    return (ordinal << TASK_SHIFT) + 1 + index


def site_text(file, line, function, code):
    """The text of a site: file, line, function and source code, separated by tabs."""
    return "%s\t%d\t%s\t%s" % (file, line, function, code.replace("\t", " ")[:MOST_CODE])


def shaped(dtype, shape):
    """The text of an array's dtype and shape, for example `f32[2,3]`; `dtype` is NumPy's name."""
    letters = dtype.rstrip("0123456789")
    return "%s[%s]" % (SHORT_DTYPES.get(letters, letters) + dtype[len(letters) :], ",".join(map(str, shape)))
