"""Tensors of TensorFlow."""

import numpy
import tensorflow as tf
from recording import case, cases, tell

tf.config.set_logical_device_configuration(
    tf.config.list_physical_devices("CPU")[0], [tf.config.LogicalDeviceConfiguration()] * 2
)
plain = tf.reshape(tf.range(6.0), (2, 3)) - 2.5
cases(
    "golden",
    f32=lambda: plain,
    bf16=lambda: tf.cast(plain, tf.bfloat16),
    i64=lambda: tf.range(3, dtype=tf.int64),
    truth=lambda: plain > 0,
    c64=lambda: tf.complex(plain[0], plain[1]),
    scalar=lambda: tf.constant(1.5),
    variable=lambda: tf.Variable(plain),
)
cases(
    "of the same content",
    tensor=lambda: plain,
    variable=lambda: tf.Variable(plain),
    array=lambda: plain.numpy(),
    turned=lambda: tf.transpose(tf.transpose(plain)),
    graph=lambda: tf.function(lambda: plain * 1)(),
)

experimental = tf.dtypes.experimental
named = [*vars(tf.dtypes).values(), *(getattr(experimental, name) for name in dir(experimental))]
kinds = sorted({value for value in named if isinstance(value, tf.DType)}, key=str)
quantised = {tf.qint8: tf.int8, tf.quint8: tf.uint8, tf.qint16: tf.int16, tf.quint16: tf.uint16, tf.qint32: tf.int32}


def without_elements(shape, kind):
    if kind in quantised:
        return tf.bitcast(tf.zeros(shape, quantised[kind]), kind)
    return tf.constant(numpy.zeros(shape, kind.as_numpy_dtype), kind)


for kind in [kind for kind in kinds if kind not in (tf.resource, tf.variant)]:
    for shape in ((0,), (0, 3), (1, 0), (0, 0)):
        case("zero-size", f"{kind.name} {shape}", lambda: without_elements(shape, kind))


def of_byte(byte, kind):
    return numpy.array([byte], "u1").view(kind.as_numpy_dtype)


for kind in [kind for kind in kinds if kind.is_floating and "float4" not in kind.name and kind.size == 1]:
    for byte in range(256):
        case("one byte", f"{kind.name} {byte}", lambda: tf.constant(of_byte(byte, kind), kind))
for kind in (experimental.int4, experimental.uint4):
    for number in range(8):
        case("four bits", f"{kind.name} {number}", lambda: tf.cast([number], kind))
for kind in (tf.qint8, tf.quint8, tf.qint32):
    for number in (0, 1, 100):
        case(
            "quantised",
            f"{kind.name} {number}",
            lambda: tf.bitcast(tf.constant([number], tf.int32 if kind is tf.qint32 else tf.int8), kind),
        )

words = ["one", "", "three" * 99]
for attempt in range(3):
    case("strings", str(attempt), lambda: tf.strings.join([tf.constant(["".join(list(word)) for word in words]), ""]))
cases(
    "strings differ",
    plain=lambda: tf.constant(words),
    turned=lambda: tf.constant(words[::-1]),
    deep=lambda: tf.constant([words]),
    shifted=lambda: tf.constant(["on", "e", "three" * 99]),
    array=lambda: numpy.array(words),
    octets=lambda: [word.encode() for word in words],
    empty=lambda: tf.constant(""),
    zero=lambda: tf.constant("\0"),
    two_zeros=lambda: tf.constant("\0\0"),
    scalar=lambda: tf.constant("a"),
    row=lambda: tf.constant(["a"]),
    ended=lambda: tf.constant(["a\0"]),
    none=lambda: tf.constant([], tf.string),
)
cases(
    "string scalars",
    one=lambda: tf.constant("a" * 99),
    other=lambda: tf.strings.join(["a" * 98, "a"]),
    variable=lambda: tf.Variable("a" * 99),
)

ragged = tf.ragged.constant
cases(
    "ragged",
    plain=lambda: ragged([[1, 2], [3]]),
    shifted=lambda: ragged([[1], [2, 3]]),
    turned=lambda: ragged([[3], [1, 2]]),
    deep=lambda: ragged([[[1, 2], [3]]]),
    deeper=lambda: ragged([[[1, 2]], [[3]]]),
    kind=lambda: ragged([[1.0, 2], [3]]),
    hollow=lambda: ragged([[1, 2], [], [3]]),
    hollow_after=lambda: ragged([[1, 2], [3], []]),
    flat=lambda: tf.constant([1, 2, 3]),
    listed=lambda: [[1, 2], [3]],
    strings=lambda: ragged([["a", "b"], ["c"]]),
    other_strings=lambda: ragged([["a", "b"], ["d"]]),
    inner=lambda: ragged([[[1, 2]], [[3, 4]]], ragged_rank=1),
    none=lambda: ragged([], dtype=tf.int32, ragged_rank=1),
    uniform=lambda: tf.RaggedTensor.from_uniform_row_length(tf.zeros([0]), 2, nrows=0),
    wider=lambda: tf.RaggedTensor.from_uniform_row_length(tf.zeros([0]), 3, nrows=0),
)
cases(
    "equal ragged",
    plain=lambda: ragged([["a", "b"], ["c"]]),
    split=lambda: tf.RaggedTensor.from_row_lengths(tf.constant(["a", "b", "c"]), tf.constant([2, 1], tf.int64)),
    graph=lambda: tf.function(lambda: tf.identity(ragged([["a", "b"], ["c"]])))(),
)


def sparse(values=(1.0, 2.0), places=((0, 1), (2, 0)), shape=(3, 4)):
    return tf.SparseTensor(places, tf.constant(values), shape)


cases(
    "sparse",
    plain=lambda: sparse(),
    values=lambda: sparse((2.0, 1.0)),
    places=lambda: sparse(places=((0, 1), (2, 1))),
    shape=lambda: sparse(shape=(3, 5)),
    turned=lambda: sparse((2.0, 1.0), ((2, 0), (0, 1))),
    dense=lambda: tf.sparse.to_dense(sparse()),
    kind=lambda: sparse((1, 2)),
    strings=lambda: sparse(("a", "b")),
    none=lambda: sparse([], tf.zeros([0, 2], tf.int64)),
    none_wide=lambda: sparse([], tf.zeros([0, 2], tf.int64), (3, 5)),
    slices=lambda: tf.IndexedSlices(tf.ones([2, 4]), tf.constant([0, 2]), tf.constant([3, 4])),
    unknown=lambda: tf.IndexedSlices(tf.ones([2, 4]), tf.constant([0, 2])),
    moved=lambda: tf.IndexedSlices(tf.ones([2, 4]), tf.constant([0, 1])),
)
cases("equal sparse", plain=lambda: sparse(), again=lambda: tf.sparse.from_dense(tf.sparse.to_dense(sparse())))

strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])


def replicas(first, second):
    return strategy.experimental_distribute_values_from_function(
        lambda context: tf.constant([first, second][context.replica_id_in_sync_group])
    )


with strategy.scope():
    mirrored, other = tf.Variable([1.0, 2]), tf.Variable([1.0, 2])
    summed = tf.Variable(
        [1.0, 2], synchronization=tf.VariableSynchronization.ON_READ, aggregation=tf.VariableAggregation.SUM
    )
cases(
    "replicas",
    plain=lambda: replicas(1.0, 2.0),
    turned=lambda: replicas(2.0, 1.0),
    equal=lambda: replicas(1.0, 1.0),
    listed=lambda: [tf.constant(1.0), tf.constant(2.0)],
    strings=lambda: replicas("a", "b"),
    inner=lambda: {"a": replicas(1.0, 2.0)},
)
case("mirrored", "one", lambda: mirrored)
case("mirrored", "another", lambda: other)
case("mirrored differ", "equal copies", lambda: mirrored)
other.values[1].assign([1.0, 3])
case("mirrored differ", "the second copy differs", lambda: other)
other.values[0].assign([1.0, 3])
case("mirrored differ", "both differ", lambda: other)
case("mirrored", "on read", lambda: summed)
results = strategy.run(lambda: tf.distribute.get_replica_context().replica_id_in_sync_group + 1)
cases("results", run=lambda: results, values=lambda: replicas(1, 2))

variable = tf.Variable(1.0)
cases(
    "refused",
    handle=lambda: variable.handle,
    variant=lambda: tf.data.Dataset.range(3)._variant_tensor,
    dataset=lambda: tf.data.Dataset.range(3),
    dtype=lambda: tf.float32,
    array=lambda: tf.TensorArray(tf.float32, 1),
    listed=lambda: [variable.handle],
)

large = tf.reshape(tf.range(1000.0), (10, 100))
from checks import _dense

for size in (1 << 26, 100):
    _dense.CHUNK_BYTES = size
    case("in chunks", str(size), lambda: large)
case("in chunks", "array", lambda: large.numpy())

tell()
