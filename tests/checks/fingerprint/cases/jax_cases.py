"""Arrays of JAX, on four devices of the host."""

import jax
import numpy
from jax import numpy as jnp
from jax.experimental import sparse
from jax.sharding import Mesh, NamedSharding, PartitionSpec, SingleDeviceSharding
from recording import case, cases, digest, groups, tell

jax.config.update("jax_enable_x64", val=True)
plain = jnp.arange(6, dtype="float32").reshape(2, 3) - 2.5
cases(
    "golden",
    f32=lambda: plain,
    bf16=lambda: plain.astype("bfloat16"),
    i64=lambda: jnp.arange(3),
    truth=lambda: plain > 0,
    c64=lambda: jax.lax.complex(plain[0], plain[1]),
    scalar=lambda: jnp.float32(1.5),
)
cases(
    "of the same content",
    array=lambda: plain,
    numpy=lambda: numpy.asarray(plain),
    compiled=lambda: jax.jit(lambda: plain * 1)(),
    turned=lambda: plain.T.copy().T,
)


names = [name for name in dir(jnp) if isinstance(getattr(jnp, name), type(jnp.float32)) and name != "bool"]
kinds = sorted({jnp.dtype(getattr(jnp, name)).name for name in names})
unsupported = {"float6_e2m3fn", "float6_e3m2fn"}  # named by JAX 0.10.2 and refused by its compiler; int1 becomes bool
for kind in [kind for kind in kinds if kind not in unsupported and jnp.zeros(0, kind).dtype.name == kind]:
    for shape in ((0,), (0, 3), (1, 0), (0, 0)):
        case("zero-size", f"{kind} {shape}", lambda: jnp.zeros(shape, kind))
case("zero-size", "float0", lambda: numpy.zeros((0,), jax.dtypes.float0))
case("float0", "shape", lambda: numpy.zeros((2,), jax.dtypes.float0))
case("float0", "other shape", lambda: numpy.zeros((3,), jax.dtypes.float0))
for kind in [kind for kind in kinds if kind.startswith("float8")]:
    for byte in range(256):
        case("one byte", f"{kind} {byte}", lambda: jnp.asarray(numpy.array([byte], "u1").view(kind)))
for kind in [kind for kind in kinds if kind in ("int2", "uint2", "int4", "uint4")]:
    for number in range(-(1 << 3), 1 << 4):
        if jnp.iinfo(kind).min <= number <= jnp.iinfo(kind).max:
            case("few bits", f"{kind} {number}", lambda: jnp.array([number], kind))
if hasattr(jnp, "float4_e2m1fn"):
    for byte in range(16):
        case(
            "few bits",
            f"float4 {byte}",
            lambda: jax.lax.bitcast_convert_type(jnp.array([byte], "uint4"), jnp.float4_e2m1fn),
        )

devices = jax.devices()
assert len(devices) == 4, devices
whole = jnp.arange(32, dtype="float32").reshape(8, 4)
mesh = Mesh(numpy.array(devices).reshape(2, 2), ("a", "b"))
specs = {
    "rows": ("a",),
    "columns": (None, "b"),
    "both": ("a", "b"),
    "turned": ("b", "a"),
    "replicated": (),
    "flat": (("a", "b"),),
}
case("sharded", "one device", lambda: whole)
case("sharded", "another device", lambda: jax.device_put(whole, devices[3]))
for name, spec in specs.items():
    case("sharded", name, lambda: jax.device_put(whole, NamedSharding(mesh, PartitionSpec(*spec))))
    case(
        "sharded bfloat16",
        name,
        lambda: jax.device_put(whole.astype("bfloat16"), NamedSharding(mesh, PartitionSpec(*spec))),
    )
case(
    "sharded",
    "result",
    lambda: jax.jit(lambda x: x * 1, out_shardings=NamedSharding(mesh, PartitionSpec("a", "b")))(whole),
)
case("sharded differ", "plain", lambda: jax.device_put(whole, NamedSharding(mesh, PartitionSpec("a"))))
case(
    "sharded differ",
    "shards exchanged",
    lambda: jax.device_put(jnp.roll(whole, 4, 0), NamedSharding(mesh, PartitionSpec("a"))),
)
case("sharded keys", "one device", lambda: jax.random.split(jax.random.key(1), 4))
case(
    "sharded keys",
    "four",
    lambda: jax.device_put(jax.random.split(jax.random.key(1), 4), NamedSharding(mesh, PartitionSpec("a"))),
)

for implementation in ("threefry2x32", "rbg", "unsafe_rbg"):
    for seed in (0, 1):
        case("keys", f"{implementation} {seed}", lambda: jax.random.key(seed, impl=implementation))
    case(
        "keys", f"data of {implementation}", lambda: jax.random.key_data(jax.random.key(0, impl=implementation))
    ) if implementation != "unsafe_rbg" else None
cases(
    "keys",
    split=lambda: jax.random.split(jax.random.key(0)),
    batch=lambda: jax.random.split(jax.random.key(0), (2, 1)),
    none=lambda: jax.random.split(jax.random.key(0), 0),
    none_wide=lambda: jax.random.split(jax.random.key(0), (0, 2)),
    none_of_rbg=lambda: jax.random.split(jax.random.key(0, impl="rbg"), 0),
    raw=lambda: jax.random.PRNGKey(5),
)
cases(
    "equal keys",
    key=lambda: jax.random.key(7),
    wrapped=lambda: jax.random.wrap_key_data(jax.random.key_data(jax.random.key(7))),
    old=lambda: jax.random.wrap_key_data(jax.random.PRNGKey(7)),
)

matrix = jnp.array([[0.0, 1, 0, 2], [0, 0, 0, 0], [3, 0, 0, 0]])
bcoo = sparse.BCOO.fromdense
indices = bcoo(matrix).indices
cases(
    "sparse",
    dense=lambda: matrix,
    bcoo=lambda: bcoo(matrix),
    bcsr=lambda: sparse.BCSR.fromdense(matrix),
    coo=lambda: sparse.COO.fromdense(matrix),
    csr=lambda: sparse.CSR.fromdense(matrix),
    csc=lambda: sparse.CSC.fromdense(matrix),
    values=lambda: bcoo(matrix * 2),
    shape=lambda: sparse.BCOO((jnp.array([1.0, 2, 3]), indices), shape=(3, 5)),
    order=lambda: sparse.BCOO((jnp.array([1.0, 2, 3])[::-1], indices[::-1]), shape=(3, 4)),
    none=lambda: bcoo(jnp.zeros((3, 4))),
    none_wide=lambda: bcoo(jnp.zeros((3, 5))),
    batch=lambda: bcoo(matrix[None], n_batch=1),
    blocks=lambda: bcoo(matrix, n_dense=1),
    kind=lambda: bcoo(matrix.astype("int32")),
    padded=lambda: bcoo(matrix, nse=4),
)
cases(
    "equal sparse",
    sorted=lambda: bcoo(matrix),
    hint=lambda: sparse.BCOO((jnp.array([1.0, 2, 3]), indices), shape=(3, 4)),
)


@jax.jit
def traced(value):
    try:
        digest(value)
    except (TypeError, jax.errors.JAXTypeError) as refused:
        groups["traced"] = {"refused": type(refused).__name__}
    return value


traced(plain)
cases(
    "refused",
    dtype=lambda: jnp.float32,
    sharding=lambda: SingleDeviceSharding(devices[0]),
    shape=lambda: jax.ShapeDtypeStruct((1,), "float32"),
)

tell()
