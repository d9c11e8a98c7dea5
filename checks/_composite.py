"""Tensors that are no dense array (sparse, ragged, nested, quantised, masked, keys, replicas) as their dense parts."""

from __future__ import annotations

import sys

from ._dense import refusal

TORCH_SPARSE = {
    "sparse_coo": ("_indices", "_values"),
    "sparse_csr": ("crow_indices", "col_indices", "values"),
    "sparse_bsr": ("crow_indices", "col_indices", "values"),
    "sparse_csc": ("ccol_indices", "row_indices", "values"),
    "sparse_bsc": ("ccol_indices", "row_indices", "values"),
}
"""Layouts to the methods that return their parts as they are stored: those of COO need not be coalesced."""


def parts_of(value):
    """
    (label, list of parts) of a value whose content is no single array of bytes; None for any other value.

    Raises:
        TypeError: for a handle, whose bytes are an address, and for a torch subclass whose content only it knows.
    """
    finders = (("torch", _of_torch), ("tensorflow", _of_tensorflow), ("jax", _of_jax), ("numpy", _of_numpy))
    for name, find in finders:
        module = sys.modules.get(name)
        found = None if module is None else find(module, value)
        if found is not None:
            return found
    return None


# -------------------------------------------------------------------------------------------------------- PyTorch


def _of_torch(torch, value):
    if not isinstance(value, torch.Tensor):
        return None
    core = sys.modules.get("torch.masked.maskedtensor.core")
    if core is not None and isinstance(value, core.MaskedTensor):
        return _torch_masked(torch, value)
    if value.is_nested:
        return _torch_nested(value)
    if hasattr(type(value), "__tensor_flatten__"):  # DTensor and others; their own storage is empty
        raise TypeError(refusal(value))
    layout = str(value.layout).replace("torch.", "")
    if layout in TORCH_SPARSE:
        plain = value.detach()
        return layout, [tuple(plain.shape), *(getattr(plain, name)() for name in TORCH_SPARSE[layout])]
    if layout != "strided":  # `_mkldnn`, a blocked format that only its own library reads
        return layout, [value.detach().to_dense()]
    return _torch_quantised(torch, value.detach()) if value.is_quantized else None


def _torch_masked(torch, value):
    """The mask, and the data with zeros where the mask hides them."""
    data, mask = value.get_data().detach(), value.get_mask()
    if data.layout is torch.strided:
        data = torch.where(mask, data, torch.zeros((), dtype=data.dtype, device=data.device))
    return "masked tensor", [mask, data]


def _torch_nested(value):
    """Dtype, the sides that are numbers, and the components in order, in both layouts."""
    plain = value.detach()
    layout = str(plain.layout).replace("torch.", "")
    sides = [] if layout == "strided" else [side if isinstance(side, int) else None for side in plain.shape]
    return "nested " + layout, [str(plain.dtype), plain.dim(), sides, list(plain.unbind())]


def _torch_quantised(torch, plain):
    """Dtype, scheme, scale and zero point (one, or one for each channel of an axis), and the integers."""
    told = [str(plain.dtype), tuple(plain.shape), str(plain.qscheme())]
    if plain.qscheme() in (torch.per_tensor_affine, torch.per_tensor_symmetric):
        told += [plain.q_scale(), plain.q_zero_point()]
    else:
        told += [plain.q_per_channel_scales(), plain.q_per_channel_zero_points(), plain.q_per_channel_axis()]
    return "quantised", [*told, plain.int_repr()]


# ----------------------------------------------------------------------------------------------------- TensorFlow


def _of_tensorflow(tf, value):
    if isinstance(value, tf.distribute.DistributedValues) and hasattr(value, "values"):
        return "replicas", list(value.values)
    if isinstance(value, tf.SparseTensor):
        return "tf.SparseTensor", [value.dense_shape, value.indices, value.values]
    if isinstance(value, tf.IndexedSlices):
        return "tf.IndexedSlices", [value.dense_shape, value.indices, value.values]
    if isinstance(value, tf.RaggedTensor):
        return _tensorflow_ragged(tf, value)
    if isinstance(value, (tf.Tensor, tf.Variable)):
        return _tensorflow_not_numeric(tf, value)
    return None


def _tensorflow_ragged(tf, value):
    """For each ragged axis where its rows end and their uniform length, if there is one; then all values."""
    splits = []
    while isinstance(value, tf.RaggedTensor):
        splits.append([value.row_splits, value.uniform_row_length])
        value = value.values
    return "tf.RaggedTensor", [splits, value]


def _tensorflow_not_numeric(tf, value):
    """Strings by value (their array holds pointers); a handle is refused, and a tensor of numbers is dense."""
    if value.dtype in (tf.resource, tf.variant):
        raise TypeError(refusal(value))
    if value.dtype != tf.string:
        return None
    found = value.numpy()
    strings = [found] if isinstance(found, bytes) else list(found.flat)
    return "tf.string", [tuple(int(side) for side in value.shape), strings]


# ------------------------------------------------------------------------------------------------------------ JAX


def _of_jax(jax, value):
    sparse = sys.modules.get("jax.experimental.sparse")
    if sparse is not None and isinstance(value, sparse.JAXSparse):
        arrays, _ = value.tree_flatten()  # the rest: the shape, and hints about order and duplicates of the indices
        return "jax." + type(value).__name__, [tuple(value.shape), *arrays]
    kind = getattr(jax.dtypes, "prng_key", None)
    if kind is not None and isinstance(value, jax.Array) and jax.dtypes.issubdtype(value.dtype, kind):
        return "key", [str(jax.random.key_impl(value)), jax.random.key_data(value)]
    return None


# ---------------------------------------------------------------------------------------------------------- NumPy


def _of_numpy(numpy, value):
    if not isinstance(value, (numpy.ndarray, numpy.generic)):
        return None
    dtype = value.dtype
    if dtype.names is not None:  # field by field: between fields there may be bytes that are never written
        array = value if isinstance(value, numpy.ma.MaskedArray) else numpy.asarray(value)
        return "record", [value.shape, list(dtype.names), [array[name] for name in dtype.names]]
    if isinstance(value, numpy.ma.MaskedArray):
        return _numpy_masked(numpy, value)
    if dtype.hasobject or dtype.kind == "T":  # the array holds pointers; "T" is StringDType of NumPy 2
        return dtype_of_elements(dtype), [value.shape, list(numpy.asarray(value).flat)]
    return None


def dtype_of_elements(dtype):
    """The label of an array whose elements are digested one by one."""
    return "StringDType" if dtype.kind == "T" else dtype.name


def _numpy_masked(numpy, value):
    """The mask, and the data with zeros where the mask hides them."""
    mask, data = numpy.ma.getmaskarray(value), numpy.array(value.data)
    data[mask] = numpy.zeros((), data.dtype)
    return "masked array", [mask, data]
