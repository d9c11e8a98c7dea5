"""Agreement of two results with one reference: what is not finite, what small elements lost, and what rounding is."""

import json
import subprocess

import pytest
from support import AUDITED, ROOT

from auditor.manifest.agreement import agreement_class

pytestmark = pytest.mark.frameworks
SCRIPT = """
import json, sys
import numpy
from checks.agreement import agreement
from checks.encode import portable

inf, nan = numpy.inf, numpy.nan
draw = numpy.random.RandomState(0)
left, right = draw.randn(64, 1024).astype("f4"), draw.randn(1024, 64).astype("f4")
exact = left.astype("f8") @ right.astype("f8")
product = exact.astype("f4")
for row in range(0, 64, 2):  # errors of an ordinary product
    product[row] = left[row] @ right
summed = numpy.zeros((64, 64), "f4")
for term in range(1024):  # in another order
    summed += left[:, term : term + 1] * right[term : term + 1]
wide = draw.randn(4096) * numpy.exp(4 * draw.randn(4096))


def zeroed(values, part):
    return numpy.where(numpy.abs(values) < part * numpy.abs(values).max(), 0, values).astype(values.dtype)


def one(values, number):
    changed = values.copy()
    changed[0, 0] = number
    return changed


def of(eager, compiled, reference=exact, terms=1024):
    return agreement(eager, compiled, reference, terms)


near = (wide * (1 + 2.0**-24)).astype("f4")
large = numpy.array([7e4, 1.0, -7e4, 65519.0])
half = numpy.array([inf, 1, -inf, 65504], "f2")
bits = numpy.array([1.0, 2.0, 3.0])
sums = draw.randn(64, 64) * numpy.exp(2 * draw.randn(64, 64))
halves = sums.astype("f2")
rounded = (sums + numpy.abs(sums).max() * 2.0**-11 * draw.randn(64, 64)).astype("f2")  # rounded before it was summed
found = {
    "the same order": of(product, product),
    "another order": of(product, summed),
    "-inf against +inf": of(one(product, -inf), one(product, inf)),
    "inf against nan": of(one(product, inf), one(product, nan)),
    "nan against 5": of(one(product, nan), one(product, 5)),
    "5 against nan": of(one(product, 5), one(product, nan)),
    "nan on both sides": of(one(product, nan), one(summed, nan)),
    "inf on both sides": of(one(product, inf), one(summed, inf)),
    "overflow as the reference": of(half, half, large, 1),
    "no overflow where the reference has one": of(half, numpy.array([65504, 1, -inf, 65504], "f2"), large, 1),
    "zeroed below a hundredth": of(product, zeroed(product, 1e-2)),
    "zeroed below a ten-thousandth": of(product, zeroed(product, 1e-4)),
    "wide values": of(near, wide.astype("f4"), wide, 1024),
    "wide values, zeroed below a millionth": of(near, zeroed(near, 1e-6), wide, 1),
    "small elements of a half-precision sum": of(halves, rounded, sums, 4096),
    "all slightly off": of(product, product * numpy.float32(1 + 3e-5)),
    "halves of all small ones": of(product, numpy.where(numpy.abs(product) < 1, product / 2, product)),
    "all zero": of(numpy.zeros((2, 2), "f4"), -numpy.zeros((2, 2), "f4"), numpy.zeros((2, 2)), 1),
    "nothing": of(numpy.zeros((0, 2), "f4"), numpy.zeros((0, 2), "f4"), numpy.zeros((0, 2)), 1),
    "huge": of(bits * 1e300, bits * 1e300 * (1 + 1e-9), bits * 1e300, 1),
    "huge, rounded": of(bits * 1e300, bits * 1e300 * (1 + 2.0**-52), bits * 1e300, 4),
    "below the least normal": of((bits * 1e-40).astype("f4"), numpy.zeros(3, "f4"), bits * 1e-40, 1),
}
json.dump(portable(found), sys.stdout)
"""


@pytest.fixture(scope="module")
def readings():
    """Each pair's reading, measured in the audited interpreter and encoded as a process encodes it."""
    done = subprocess.run([AUDITED, "-c", SCRIPT], cwd=ROOT, check=True, capture_output=True)
    return json.loads(done.stdout)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("the same order", "same"),
        ("another order", "rounding"),
        ("-inf against +inf", "beyond"),
        ("inf against nan", "beyond"),
        ("nan against 5", "beyond"),
        ("5 against nan", "beyond"),
        ("nan on both sides", "rounding"),
        ("inf on both sides", "rounding"),
        ("overflow as the reference", "same"),
        ("no overflow where the reference has one", "beyond"),
        ("zeroed below a hundredth", "beyond"),
        ("zeroed below a ten-thousandth", "beyond"),
        ("wide values", "rounding"),
        ("wide values, zeroed below a millionth", "beyond"),
        ("small elements of a half-precision sum", "rounding"),
        ("all slightly off", "beyond"),
        ("halves of all small ones", "beyond"),
        ("all zero", "rounding"),
        ("nothing", "same"),
        ("huge", "beyond"),
        ("huge, rounded", "rounding"),
        ("below the least normal", "beyond"),
    ],
)
def test_what_is_no_rounding_is_told_from_it(readings, name, expected):
    """Other elements that are not finite, lost small elements, and errors beyond those of the eager result."""
    assert expected == agreement_class(readings[name]), readings[name]


def test_the_reference_of_an_overflow_is_infinity_of_its_sign(readings):
    """65519 is the largest number that float16 rounds to 65504; which side is as the reference is counted."""
    same, other = readings["overflow as the reference"], readings["no overflow where the reference has one"]

    assert (0, 0, 0) == (same["not_finite"], same["eager_not_finite"], same["compiled_not_finite"])
    assert (1, 0, 1) == (other["not_finite"], other["eager_not_finite"], other["compiled_not_finite"])
