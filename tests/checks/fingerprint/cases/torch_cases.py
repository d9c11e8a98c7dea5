"""Tensors of torch."""

import warnings

from recording import case, cases, tell

warnings.simplefilter("ignore")  # several layouts are in beta
import torch

plain = torch.arange(6.0).reshape(2, 3) - 2.5
cases(
    "golden",
    f32=lambda: plain,
    bf16=lambda: plain.bfloat16(),
    i64=lambda: torch.arange(3),
    truth=lambda: plain > 0,
    c64=lambda: torch.complex(plain[0], plain[1]),
    f8=lambda: plain.to(torch.float8_e5m2),
    scalar=lambda: torch.tensor(1.5),
)

dtypes = sorted({value for value in vars(torch).values() if isinstance(value, torch.dtype)}, key=str)
quantised = (torch.qint8, torch.quint8, torch.qint32, torch.quint4x2)
dense = [kind for kind in dtypes if kind not in quantised and kind is not torch.quint2x4]
for kind in dense:
    for shape in ((0,), (0, 3), (1, 0), (0, 1)):
        case("zero-size", f"{kind} {shape}", lambda: torch.empty(shape, dtype=kind))
for kind in quantised[:3]:
    for shape in ((0,), (0, 3)):
        case("zero-size", f"{kind} {shape}", lambda: torch.quantize_per_tensor(torch.zeros(shape), 0.1, 0, kind))

floats = [kind for kind in dense if kind.itemsize == 1 and kind.is_floating_point]
for kind in floats:
    for byte in range(256):
        case("one byte", f"{kind} {byte}", lambda: torch.tensor([byte], dtype=torch.uint8).view(kind))
for kind in dense:
    raw = torch.arange(8 * kind.itemsize, dtype=torch.uint8)
    rows = raw.view(kind).reshape(2, 4)
    case("same bytes", str(kind), lambda: rows)
    case("shape", str(kind), lambda: rows.reshape(4, 2))
    case("other bytes", str(kind), lambda: (raw + 1).view(kind).reshape(2, 4))
    turned = raw.reshape(2, 4, -1).transpose(0, 1).contiguous().view(kind).reshape(4, 2)
    case("turned", str(kind), lambda: rows.t())
    case("turned copy", str(kind), lambda: turned)

z = torch.complex(plain[0], plain[1])
cases(
    "conjugates",
    view=lambda: z.conj(),
    copy=lambda: z.conj().resolve_conj().clone(),
    of_two=lambda: z.conj().conj().conj(),
)
cases("negatives", view=lambda: z.conj().imag, copy=lambda: z.conj().imag.resolve_neg().clone(), plain=lambda: -z.imag)
cases(
    "conjugates differ",
    z=lambda: z,
    conjugate=lambda: z.conj(),
    real=lambda: z.real,
    imaginary=lambda: z.imag,
    half=lambda: z.to(torch.complex32),
    half_conjugate=lambda: z.to(torch.complex32).conj(),
)
cases("zeros without memory", plain=lambda: torch.zeros(2, 2), none=lambda: torch._efficientzerotensor((2, 2)))
cases(
    "of the same content",
    plain=lambda: plain,
    parameter=lambda: torch.nn.Parameter(plain),
    buffer=lambda: plain[:],
    strided=lambda: plain.repeat_interleave(2, 1)[:, ::2],
    turned=lambda: plain.t().contiguous().t(),
    array=lambda: plain.numpy(),
    expanded=lambda: plain[None].expand(3, 2, 3)[1],
)

matrix = torch.tensor([[0.0, 1, 0, 2], [0, 0, 0, 0], [3, 0, 0, 0], [0, 4, 5, 0]])
indices = torch.tensor([[0, 0, 2, 2], [1, 1, 0, 3]])


def coo(values=(1.0, 2, 3, 4), order=(0, 1, 2, 3), shape=(4, 4), where=indices, **named):
    order = torch.tensor(order)
    return torch.sparse_coo_tensor(where[:, order], torch.tensor(values)[order], shape, **named)


cases(
    "sparse",
    dense=lambda: matrix,
    coo=lambda: matrix.to_sparse(),
    csr=lambda: matrix.to_sparse_csr(),
    csc=lambda: matrix.to_sparse_csc(),
    bsr=lambda: matrix.to_sparse_bsr((2, 2)),
    bsc=lambda: matrix.to_sparse_bsc((2, 2)),
    other_blocks=lambda: matrix.to_sparse_bsr((1, 2)),
    turned_csr=lambda: matrix.t().to_sparse_csr(),
    uncoalesced=lambda: coo(),
    coalesced=lambda: coo().coalesce(),
    order=lambda: coo(order=(1, 0, 2, 3)),
    shape=lambda: coo(shape=(4, 5)),
    values=lambda: coo((1.0, 2, 3, -4)),
    places=lambda: coo(where=indices.flip(0)),
    kind=lambda: coo((1, 2, 3, 4)),
    none=lambda: torch.zeros(4, 4).to_sparse(),
    none_wide=lambda: torch.zeros(4, 5).to_sparse(),
    none_csr=lambda: torch.zeros(4, 4).to_sparse_csr(),
    none_wide_csr=lambda: torch.zeros(4, 5).to_sparse_csr(),
    empty=lambda: torch.zeros(0, 5).to_sparse(),
    empty_csr=lambda: torch.zeros(0, 5).to_sparse_csr(),
    hybrid=lambda: torch.stack([matrix, matrix]).to_sparse(1),
    batch=lambda: torch.stack([matrix, matrix]).to_sparse_csr(),
    short=lambda: torch.sparse_csr_tensor(
        *(part.int() for part in (matrix.to_sparse_csr().crow_indices(), matrix.to_sparse_csr().col_indices())),
        matrix.to_sparse_csr().values(),
        (4, 4),
    ),
)
cases(
    "equal sparse",
    one=lambda: matrix.to_sparse(),
    flag=lambda: torch.sparse_coo_tensor(matrix.to_sparse().indices(), matrix.to_sparse().values(), (4, 4)),
    gradient=lambda: matrix.to_sparse().requires_grad_(),
)
cases("blocked", plain=lambda: plain.to_mkldnn(), other=lambda: (-plain).to_mkldnn(), dense=lambda: plain)

rows = [torch.arange(2.0), torch.arange(3.0) + 2]
jagged = torch.jagged


def nested(parts, layout=torch.strided):
    return torch.nested.nested_tensor(parts, layout=layout)


cases(
    "nested",
    strided=lambda: nested(rows),
    jagged=lambda: nested(rows, jagged),
    turned=lambda: nested(rows[::-1]),
    turned_jagged=lambda: nested(rows[::-1], jagged),
    shifted=lambda: nested([torch.arange(3.0), torch.arange(2.0) + 3]),
    shifted_jagged=lambda: nested([torch.arange(3.0), torch.arange(2.0) + 3], jagged),
    dense=lambda: torch.arange(5.0),
    listed=lambda: rows,
    tail=lambda: nested([rows[0], torch.tensor([2.0, 3, 5])]),
    tail_jagged=lambda: nested([rows[0], torch.tensor([2.0, 3, 5])], jagged),
    none=lambda: nested([]),
    none_of_double=lambda: torch.nested.nested_tensor([], dtype=torch.float64),
    hollow=lambda: nested([torch.zeros(0), torch.zeros(2)]),
    hollow_after=lambda: nested([torch.zeros(2), torch.zeros(0)]),
    hollow_wide=lambda: nested([torch.zeros(0, 2), torch.zeros(0, 2)]),
    hollow_wider=lambda: nested([torch.zeros(0, 3), torch.zeros(0, 3)]),
    wide_jagged=lambda: nested([torch.zeros(0, 2), torch.zeros(0, 2)], jagged),
    wider_jagged=lambda: nested([torch.zeros(0, 3), torch.zeros(0, 3)], jagged),
    bf16_jagged=lambda: nested([row.bfloat16() for row in rows], jagged),
)
values, offsets = torch.arange(10.0), torch.tensor([0, 4, 10])
cases(
    "jagged with holes",
    holes=lambda: torch.nested.nested_tensor_from_jagged(values, offsets, torch.tensor([2, 3])),
    without=lambda: nested([torch.tensor([0.0, 1]), torch.tensor([4.0, 5, 6])], jagged),
    gradient=lambda: torch.nested.nested_tensor(
        [torch.tensor([0.0, 1]), torch.tensor([4.0, 5, 6])], layout=jagged, requires_grad=True
    ),
)
wide = torch.nested.nested_tensor([torch.arange(6.0).reshape(2, 3), torch.arange(3.0).reshape(1, 3)], layout=jagged)
cases("transposed jagged", plain=lambda: wide, turned=lambda: wide.transpose(1, 2))

given = torch.tensor([[-1.0, 0.5, 0.75], [0.25, 1, 0]])


def per(scales=(0.1, 0.2), zeros=(0, 1), axis=0, kind=torch.qint8):
    return torch.quantize_per_channel(given, torch.tensor(scales), torch.tensor(zeros), axis, kind)


ints = torch.quantize_per_tensor(given, 0.1, 3, torch.qint8).int_repr()
cases(
    "quantised",
    plain=lambda: torch.quantize_per_tensor(given, 0.1, 3, torch.qint8),
    ints=lambda: ints,
    scale=lambda: torch._make_per_tensor_quantized_tensor(ints, 0.2, 3),
    zero=lambda: torch._make_per_tensor_quantized_tensor(ints, 0.1, 4),
    unsigned=lambda: torch.quantize_per_tensor(given, 0.1, 30, torch.quint8),
    wide=lambda: torch.quantize_per_tensor(given, 0.1, 3, torch.qint32),
    dense=lambda: given,
    shape=lambda: torch.quantize_per_tensor(given.reshape(3, 2), 0.1, 3, torch.qint8),
    per=lambda: per(),
    per_scales=lambda: torch._make_per_channel_quantized_tensor(
        per().int_repr(), torch.tensor([0.2, 0.1]).double(), torch.tensor([0, 1]), 0
    ),
    per_zeros=lambda: torch._make_per_channel_quantized_tensor(
        per().int_repr(), torch.tensor([0.1, 0.2]).double(), torch.tensor([1, 0]), 0
    ),
)
square = torch.zeros(2, 2, dtype=torch.int8)
two = torch.tensor([0.1, 0.2]).double(), torch.tensor([0, 0])
cases(
    "axes of quantised",
    first=lambda: torch._make_per_channel_quantized_tensor(square, *two, 0),
    second=lambda: torch._make_per_channel_quantized_tensor(square, *two, 1),
)
cases(
    "equal quantised",
    plain=lambda: torch.quantize_per_tensor(given, 0.1, 3, torch.qint8),
    made=lambda: torch._make_per_tensor_quantized_tensor(ints, 0.1, 3),
)
cases(
    "four bits",
    plain=lambda: per(kind=torch.quint4x2, zeros=(2.0, 1.0)),
    other=lambda: torch.quantize_per_channel(
        given.flip(1), torch.tensor([0.1, 0.2]), torch.tensor([2.0, 1.0]), 0, torch.quint4x2
    ),
)

from torch.masked import masked_tensor

mask = torch.tensor([True, False, True])
cases(
    "masked",
    plain=lambda: masked_tensor(torch.tensor([1.0, 2, 3]), mask),
    hidden=lambda: masked_tensor(torch.tensor([1.0, 9, 3]), mask),
)
cases(
    "masked differ",
    plain=lambda: masked_tensor(torch.tensor([1.0, 2, 3]), mask),
    value=lambda: masked_tensor(torch.tensor([1.0, 2, 4]), mask),
    moved=lambda: masked_tensor(torch.tensor([1.0, 2, 3]), ~mask),
    dense=lambda: torch.tensor([1.0, 0, 3]),
    kind=lambda: masked_tensor(torch.tensor([1, 2, 3]), mask),
    sparse=lambda: masked_tensor(matrix.to_sparse(), (matrix != 0).to_sparse()),
)

sorted_ones = torch.sort(plain)
cases("named results", named=lambda: sorted_ones, tuple=lambda: tuple(sorted_ones))
cases("sizes", size=lambda: plain.size(), tuple=lambda: (2, 3))
from torch.testing._internal.two_tensor import TwoTensor

cases(
    "refused",
    subclass=lambda: TwoTensor(plain, plain),
    dtype=lambda: torch.float32,
    generator=lambda: torch.Generator(),
    module=lambda: torch.nn.Linear(1, 1),
)
model = torch.nn.Linear(2, 2)
case("state", "state dict", lambda: model.state_dict())
case("state", "dict", lambda: {name: value.detach().numpy() for name, value in model.named_parameters()})
optimizer = torch.optim.Adam(model.parameters())
case("optimizer", "state", lambda: optimizer.state_dict())
case("optimizer", "again", lambda: torch.optim.Adam(model.parameters()).state_dict())

from checks import _dense

strided = {
    "bf16": plain.bfloat16().repeat(40, 20).t(),
    "f32": plain.repeat(40, 20).t()[::2],
    "f8": plain.to(torch.float8_e5m2).repeat(40, 20).t(),
}
for name, tensor in strided.items():
    for size in (1 << 26, 100):
        _dense.CHUNK_BYTES = size
        case("in chunks: " + name, str(size), lambda: tensor)
    case("in chunks: " + name, "copy", lambda: tensor.contiguous())

tell()
