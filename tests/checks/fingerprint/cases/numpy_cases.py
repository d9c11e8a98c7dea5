"""Arrays of NumPy."""

import ml_dtypes
import numpy
from recording import case, cases, tell

words = ["one", "two", "", "three" * 99]


def written_over():
    array = numpy.array(["x" * 500] * 4, numpy.dtypes.StringDType())
    array[:] = words
    return array


def pair_of(*values):
    made = numpy.empty(2, object)
    made[:] = values
    return made


numbers = numpy.arange(6, dtype="f4").reshape(2, 3) - 2.5
cases(
    "golden",
    f4=lambda: numbers,
    scalar=lambda: numpy.float32(1.5),
    f8=lambda: numpy.float64(1.5),
    c16=lambda: numpy.complex128(1 + 2j),
    text=lambda: numpy.array(["ab", "c"]),
    truth=lambda: numpy.array([True, False]),
)

KINDS = ["?", *"bBhHiIlLqQefdgFDG", "M8[s]", "M8[ns]", "m8[s]", "S1", "S2", "U1", "U2", "V3", "O"]
ML = [name for name in dir(ml_dtypes) if name.startswith(("bfloat", "float", "int", "uint"))]
kinds = {kind: numpy.dtype(kind) for kind in KINDS}
kinds.update({name: numpy.dtype(getattr(ml_dtypes, name)) for name in ML if name not in ("finfo", "iinfo")})
kinds["strings"] = numpy.dtypes.StringDType()
kinds["record"] = numpy.dtype([("a", "i1"), ("b", "f8")])
kinds["other record"] = numpy.dtype([("a", "i1"), ("c", "f8")])
for name, kind in kinds.items():
    if name in ("q", "Q"):  # equal to `l` and `L` on this platform, and so are their digests
        continue
    for shape in ((0,), (1, 0), (0, 3), (0, 0)):
        case("zero-size", f"{name} {shape}", lambda: numpy.zeros(shape, kind))
cases("zero-size of equal types", l=lambda: numpy.zeros(0, "l"), q=lambda: numpy.zeros(0, "q"))

for attempt in range(3):
    fresh = ["".join(list(word)) for word in words]
    case("objects", str(attempt), lambda: numpy.array(fresh, object))
    case("strings", str(attempt), lambda: numpy.array(fresh, numpy.dtypes.StringDType()))
case("strings", "written over", written_over)


missing = numpy.dtypes.StringDType(na_object=None)
cases(
    "kinds of strings",
    objects=lambda: numpy.array(words, object),
    strings=lambda: numpy.array(words, "T"),
    fixed=lambda: numpy.array(words),
    octets=lambda: numpy.array(words, "S"),
    fewer=lambda: numpy.array(words[:3], "T"),
    reordered=lambda: numpy.array(words[::-1], "T"),
    shifted=lambda: numpy.array(["on", "etwo", "", "three" * 99], "T"),
    deep=lambda: numpy.array([words], "T"),
    none=lambda: numpy.array([None, "two", "", "three" * 99], missing),
    nothing=lambda: numpy.array(["None", "two", "", "three" * 99], missing),
)
cases(
    "objects of any kind",
    numbers=lambda: numpy.array([1, 2.0, "3"], object),
    other=lambda: numpy.array([1, 2, "3"], object),
    arrays=lambda: pair_of(numbers, numbers[0]),
    lists=lambda: pair_of([1], (1,)),
    turned=lambda: pair_of((1,), [1]),
)
case("refused", "object", lambda: numpy.array([object()], object))
case("refused", "type", lambda: numpy.float32)
case("refused", "dtype", lambda: numpy.dtype("f4"))
case("refused", "generator", lambda: numpy.random.RandomState(1))


for kind in ("i2", "u4", "i8", "f4", "f8", "c8", "c16", "U3", "M8[s]"):
    values = numpy.array([1, 258, 70]).astype(kind) if kind != "U3" else numpy.array(["ab", "c", "def"])
    for order in "<>":
        case("byte order of " + kind, order, lambda: values.astype(values.dtype.newbyteorder(order)))
    case(
        "byte order of " + kind, "strided", lambda: numpy.repeat(values, 2)[::2].astype(values.dtype.newbyteorder(">"))
    )
one = numpy.array([1], "<i4")
case("reinterpreted", "little", lambda: one)
case("reinterpreted", "the same bytes as big", lambda: one.view(">i4"))

cases(
    "layouts",
    plain=lambda: numbers,
    fortran=lambda: numpy.asfortranarray(numbers),
    strided=lambda: numpy.repeat(numbers, 2, axis=1)[:, ::2],
    reversed=lambda: numbers[::-1, ::-1].copy()[::-1, ::-1],
    matrix=lambda: numpy.matrix(numbers),
    shared=lambda: numpy.frombuffer(numbers.tobytes(), "f4").reshape(2, 3),
)
cases("broadcast", plain=lambda: numpy.ones((4, 3)), broadcast=lambda: numpy.broadcast_to(numpy.ones(3), (4, 3)))


def record(padding):
    kind = numpy.dtype([("a", "i1"), ("b", "f8"), ("c", "O"), ("d", "f4", (2,))], align=True)
    raw = numpy.zeros(3, kind)
    if padding:
        raw = numpy.zeros(3, numpy.dtype([("a", "i1"), ("b", "f8"), ("d", "f4", (2,))], align=True))
        raw.view("u1").reshape(3, -1)[:, 1:8] = padding
    raw["a"], raw["b"], raw["d"] = [1, 2, 3], [0.5, -0.0, numpy.nan], 7
    return raw


cases("records", one=lambda: record(1), another=lambda: record(255))
cases(
    "records differ",
    objects=lambda: record(0),
    plain=lambda: record(9),
    item=lambda: record(9)[0],
    last=lambda: record(9)[2],
)


def with_padding(byte):
    made = numpy.array([1.5, -2.25], "g")
    if numpy.finfo("g").nmant == 63:
        made.view("u1").reshape(2, -1)[:, 10:] = byte
    return made


cases(
    "long doubles",
    one=lambda: with_padding(1),
    another=lambda: with_padding(2),
    plain=lambda: numpy.array([1.5, -2.25], "g"),
)
cases("complex long doubles", one=lambda: with_padding(1).view("G"), plain=lambda: numpy.array([1.5 - 2.25j], "G"))
cases(
    "long doubles differ",
    one=lambda: numpy.array([1.5], "g"),
    other=lambda: numpy.array([1.25], "g"),
    negative=lambda: numpy.array([-1.5], "g"),
    double=lambda: numpy.array([1.5], "d"),
)

hidden = [False, True, False]
cases(
    "masked",
    plain=lambda: numpy.ma.array([1, 2, 3], mask=hidden),
    hidden=lambda: numpy.ma.array([1, 9, 3], mask=hidden),
    fill=lambda: numpy.ma.array([1, 2, 3], mask=hidden, fill_value=8),
)
cases(
    "masked differ",
    plain=lambda: numpy.ma.array([1, 2, 3], mask=hidden),
    array=lambda: numpy.array([1, 2, 3]),
    zero=lambda: numpy.array([1, 0, 3]),
    value=lambda: numpy.ma.array([1, 2, 4], mask=hidden),
    unmasked=lambda: numpy.ma.array([1, 0, 3]),
    moved=lambda: numpy.ma.array([1, 2, 3], mask=[True, False, False]),
    kind=lambda: numpy.ma.array([1.0, 2, 3], mask=hidden),
    text=lambda: numpy.ma.array(["1", "2", "3"], mask=hidden),
    objects=lambda: numpy.ma.array([1, "2", 3], mask=hidden, dtype=object),
    constant=lambda: numpy.ma.masked,
    record=lambda: numpy.ma.array([(1, 2.0), (3, 4.0)], dtype="i4,f4", mask=[(True, False), (False, False)]),
)
cases(
    "masked without a mask",
    none=lambda: numpy.ma.array([1, 2]),
    all_false=lambda: numpy.ma.array([1, 2], mask=[False, False]),
)


class OfAnotherLibrary:
    """An array as pandas has: NumPy reads it as pointers."""

    def __init__(self, *values):
        self.values, self.dtype = values, numpy.dtype("O")

    def __array__(self, dtype=None, copy=None):
        """As NumPy asks for it."""
        return numpy.array(self.values, object)


cases(
    "objects of another library", one=lambda: OfAnotherLibrary("a" * 50, 1), again=lambda: OfAnotherLibrary("a" * 50, 1)
)
cases("objects of another library differ", one=lambda: OfAnotherLibrary("a", 1), other=lambda: OfAnotherLibrary("b", 1))

from checks import _dense

whole = numpy.arange(1000, dtype="f8").reshape(10, 10, 10)
views = {
    "plain": whole,
    "turned": whole.transpose(2, 0, 1),
    "big": whole.astype(">f8"),
    "fortran": numpy.asfortranarray(whole),
    "step": whole[::2, :, ::-1],
    "broadcast": numpy.broadcast_to(whole[0, 0], (7, 1, 10)),
    "empty": whole[:0],
    "one": whole[:1, :1],
    "scalar": whole[0, 0, 0],
    "row": whole[:1],
    "text": numpy.array([["abc", "d"]] * 40),
}
for name, view in views.items():
    for size in (1 << 26, 1000, 100, 8, 1):
        _dense.CHUNK_BYTES = size
        case("in chunks: " + name, str(size), lambda: view)
        if size in (1000, 100):
            most = max((len(piece) for piece in _dense.chunks(view)), default=0)
            assert most <= size, (name, size, most)
_dense.CHUNK_BYTES = 100
assert len(list(_dense.chunks(whole))) >= 80

tell()
