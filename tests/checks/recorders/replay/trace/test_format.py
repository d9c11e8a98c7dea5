"""The payload writes the trace format that the host reads: two files of constants, which cannot import each other."""

from __future__ import annotations

import struct

import pytest
from streams import load

from auditor.replay.trace import format as host

payload = load("format")
SHARED = (
    *("MAGIC", "VERSION", "HEADER", "RECORD", "RECORD_BYTES", "TASK_SHIFT", "VOLATILE"),
    *("DEF", "OP", "IN", "ARG", "DRAW", "SEED", "OUTSIDE", "READ", "END", "PROCESS", "PROBLEM", "REGION", "AWAITED"),
    *("NAMES", "SITES", "METAS", "TEXTS"),
    *("DRAWS", "INPLACE", "BACKWARD", "OVERWRITES", "ALLOCATES", "READS_OUT", "ENTERS"),
    *("ZOOM", "STATEMENTS_END"),
)


def plain(constant):
    """A constant as something that can be compared: the format text of a `struct.Struct`."""
    return constant.format if isinstance(constant, struct.Struct) else constant


@pytest.mark.parametrize("name", SHARED)
def test_a_constant_is_the_same_in_the_payload_and_in_the_host(name):
    """A constant changed on one side alone would make every trace unreadable, or read wrongly."""
    assert plain(getattr(host, name)) == plain(getattr(payload, name))


def test_every_number_of_the_hosts_format_is_compared():
    """A record kind, a table or a flag that is added to the host's file must be added to the list above."""
    numbers = {name for name, value in vars(host).items() if name.isupper() and isinstance(value, (int, struct.Struct))}

    assert set() == numbers - set(SHARED)


@pytest.mark.parametrize(("ordinal", "index"), [(0, 0), (0, 7), (3, 0), ((1 << 24) - 1, (1 << 32) - 1)])
def test_the_host_reads_which_record_wrote_an_input(ordinal, index):
    """Task and record come back apart; the reference is never 0, which means that no writer was seen."""
    reference = payload.writer_of(ordinal, index)

    assert (ordinal, index) == host.TraceRecord(0, payload.IN, 0, 0, 0, 0, 0, 0, reference).writer
    assert 0 < reference <= payload.MASK_64


def test_the_host_reads_the_site_that_the_payload_writes():
    """A tab in the source code would end its field, and a long line is cut to 200 characters."""
    text = payload.site_text("train.py", 12, "step", "loss\t= " + "x" * 300)

    assert ("train.py", 12, "step", "loss = " + "x" * 193) == host.source_of(text)


def test_an_unknown_site_is_read_as_unknown():
    """It is a text like every other site, and the host never takes it for a line."""
    assert host.UNKNOWN_SOURCE == host.source_of(payload.UNKNOWN_SITE)
    assert not host.source_of(payload.UNKNOWN_SITE).known


@pytest.mark.parametrize(
    ("dtype", "text"),
    [("float32", "f32[2,3]"), ("bfloat16", "bf16[2,3]"), ("uint8", "u8[2,3]"), ("bool", "b1[2,3]"), ("x5", "x5[2,3]")],
)
def test_a_dtype_has_a_short_name(dtype, text):
    """The names that XLA prints; a dtype that is not in the table keeps its own."""
    assert text == payload.shaped(dtype, (2, 3))
    assert text.replace("2,3", "") == payload.shaped(dtype, ())
