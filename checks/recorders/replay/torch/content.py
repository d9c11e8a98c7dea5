"""A tensor's dtype, shape and device as text, and the 64-bit digest of its elements in order."""

from __future__ import annotations

from . import device, later

SHORT = {
    "torch.float32": "f32",
    "torch.float64": "f64",
    "torch.float16": "f16",
    "torch.bfloat16": "bf16",
    "torch.int64": "i64",
    "torch.int32": "i32",
    "torch.int16": "i16",
    "torch.int8": "i8",
    "torch.uint8": "u8",
    "torch.bool": "b1",
    "torch.complex64": "c64",
    "torch.complex128": "c128",
}
SPARSE_PARTS = ("_indices", "_values", "crow_indices", "ccol_indices", "col_indices", "row_indices", "values")
WITHOUT_MEMORY = ("meta", "lazy")
COPIED_AT_ONCE = -1
"""Instead of a size: the content must be copied, since it is on a device or not plain bytes in element order."""


class Content:
    """Reads the content of tensors, unseen by modes, tensor subclasses and autograd."""

    def __init__(self, torch, function):
        from torch.utils._python_dispatch import _disable_current_modes

        self._torch, self._function = torch, function
        self._strided, self._quiet = torch.strided, _disable_current_modes
        self.tensor = torch.Tensor
        self.plain = frozenset((torch.Tensor, torch.nn.Parameter))
        """Classes whose instances have memory of their own and methods without code of the program's."""

    def meta(self, tensor):
        """Dtype, shape and device as text: `f32[2,3]@cpu`."""
        dtype = str(tensor.dtype)
        shape = "nested" if tensor.is_nested else ",".join(map(str, tensor.shape))
        return "%s[%s]@%s" % (SHORT.get(dtype, dtype), shape, tensor.device)

    def metas(self, tensors, most=1 << 10):
        """The texts of several tensors, separated by `;`, at most `most`."""
        told = ";".join(self.meta(tensor) for tensor in tensors[:most])
        return told if len(tensors) <= most else "%s;and %d more" % (told, len(tensors) - most)

    def bytes(self, tensor):
        """The size (bytes) of a tensor that can be digested in place; else `COPIED_AT_ONCE`."""
        if tensor.device.type != "cpu" or tensor.dtype.is_complex or tensor.is_nested or tensor.is_quantized:
            return COPIED_AT_ONCE
        return tensor.numel() * tensor.element_size()

    def digest(self, tensor):
        """The digest of the content (int, or one of later.py that a device computes); 0 for a tensor without memory."""
        size = self.bytes(tensor)
        as_it_is = type(tensor) in self.plain and size != COPIED_AT_ONCE and tensor.layout is self._strided
        if as_it_is and tensor.is_contiguous() and not tensor.is_neg() and self._has(tensor, size):
            address = tensor.data_ptr()
            if address or not size:  # a tensor of zeros that autograd makes has a size and no memory
                return self._function(address, size)
        with self._quiet(), self._torch._C.DisableTorchFunctionSubclass(), self._torch.no_grad():
            return self._copied(tensor)

    def mixed(self, tensors):
        """The digest of several tensors in their order."""
        return later.mixed(self, [self.digest(tensor) for tensor in tensors])

    def fetched(self, totals):
        """The values of pending sums. Raises RuntimeError of the device."""
        with self._quiet(), self._torch._C.DisableTorchFunctionSubclass(), self._torch.no_grad():
            return device.fetched(self._torch, totals)

    def _has(self, tensor, size):
        """Whether the storage holds the tensor: a program can resize a storage to 0."""
        end = tensor.storage_offset() * tensor.element_size() + size
        return tensor.untyped_storage().nbytes() >= end

    def _copied(self, tensor):
        if tensor.device.type in WITHOUT_MEMORY or hasattr(tensor, "fake_mode"):
            return 0
        parts = self._parts(tensor)
        if parts is not None:
            return self.mixed(parts)
        if tensor.layout is not self._strided:
            return self._of_sparse(tensor)
        plain = tensor.detach()
        if plain._is_zerotensor():
            plain = self._torch.zeros(plain.shape, dtype=plain.dtype)
        if not plain.numel() or not self._is_within_storage(plain):
            return 0 if plain.numel() else self._function(None, 0)
        if plain.device.type in device.KINDS:
            found = self._on_device(plain)
            if found is not None:
                return found
        plain = plain.cpu().resolve_conj().resolve_neg().contiguous()
        return self._function(plain.data_ptr(), plain.numel() * plain.element_size())

    def _parts(self, tensor):
        """The tensors that hold the content of one without memory of its own, in order; None for any other."""
        if hasattr(tensor, "_masked_data"):
            return self._masked(tensor._masked_data, tensor._masked_mask)
        if hasattr(type(tensor), "__tensor_flatten__"):
            return [getattr(tensor, name) for name in tensor.__tensor_flatten__()[0]]
        if tensor.is_nested:
            return list(tensor.unbind())
        return self._quantised(tensor.detach()) if tensor.is_quantized else None

    def _masked(self, data, mask):
        """The mask and the visible elements of a `MaskedTensor`."""
        if data.layout is self._strided:
            data = data.where(mask, self._torch.zeros((), dtype=data.dtype, device=data.device))
        return [mask, data]

    def _quantised(self, tensor):
        """The integers, and the scales, zero points and axis that turn them into numbers."""
        torch, scheme = self._torch, tensor.qscheme()
        if scheme in (torch.per_tensor_affine, torch.per_tensor_symmetric):
            numbers = [torch.tensor([tensor.q_scale(), tensor.q_zero_point()], dtype=torch.float64)]
        else:
            axis = torch.tensor(tensor.q_per_channel_axis())
            numbers = [tensor.q_per_channel_scales(), tensor.q_per_channel_zero_points(), axis]
        return [tensor.int_repr(), *numbers]

    def _on_device(self, tensor):
        """The digest computed by the device; 0 while it captures a graph, None if the device cannot compute it."""
        if device.is_capturing(self._torch, tensor):
            return 0
        try:
            return later.PendingDigest(self, *device.begun(self._torch, tensor))
        except RuntimeError:  # no memory left on it, or a dtype without a byte view
            return None

    def _is_within_storage(self, tensor):
        """Whether the last element of a strided tensor is within its storage."""
        farthest = sum((size - 1) * stride for size, stride in zip(tensor.shape, tensor.stride()))
        end = (tensor.storage_offset() + farthest + 1) * tensor.element_size()
        return tensor.untyped_storage().nbytes() >= end

    def _of_sparse(self, tensor):
        """The digest of the parts of a sparse layout; of any other layout (mkldnn), of the dense form."""
        parts = []
        for name in SPARSE_PARTS:
            try:
                parts.append(getattr(tensor, name)())
            except (RuntimeError, AttributeError):  # not a part of this layout
                continue
        return self.mixed(parts) if parts else self.digest(tensor.to_dense())
