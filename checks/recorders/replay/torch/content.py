"""What a tensor holds: its dtype, shape and device as a text, and sixty-four bits of every element in order."""

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
"""In place of a number of bytes: the content does not lie in this process's memory, or not in the order of elements."""


class Content:
    """The content of tensors; nothing that it does is seen by modes, by subclasses or by autograd."""

    def __init__(self, torch, function):
        from torch.utils._python_dispatch import _disable_current_modes

        self._torch, self._function = torch, function
        self._strided, self._quiet = torch.strided, _disable_current_modes
        self.tensor = torch.Tensor
        self.plain = frozenset((torch.Tensor, torch.nn.Parameter))
        """Classes whose every instance has its own memory, and no code of the program's in its methods."""

    def meta(self, tensor):
        """Its kind: `f32[2,3]@cpu`."""
        dtype = str(tensor.dtype)
        shape = "nested" if tensor.is_nested else ",".join(map(str, tensor.shape))
        return "%s[%s]@%s" % (SHORT.get(dtype, dtype), shape, tensor.device)

    def metas(self, tensors, most=1 << 10):
        """Of several, with marks between."""
        told = ";".join(self.meta(tensor) for tensor in tensors[:most])
        return told if len(tensors) <= most else "%s;and %d more" % (told, len(tensors) - most)

    def bytes(self, tensor):
        """Of a tensor of this dtype, shape and device: how many bytes lie in memory as they are."""
        if tensor.device.type != "cpu" or tensor.dtype.is_complex or tensor.is_nested:
            return COPIED_AT_ONCE
        return tensor.numel() * tensor.element_size()

    def digest(self, tensor):
        """Sixty-four bits of the content, or what `torch_later` awaits of a device; 0 of what has none."""
        size = self.bytes(tensor)
        as_it_is = type(tensor) in self.plain and size != COPIED_AT_ONCE and tensor.layout is self._strided
        if as_it_is and tensor.is_contiguous() and not tensor.is_neg() and self._has(tensor, size):
            return self._function(tensor.data_ptr(), size)
        with self._quiet(), self._torch._C.DisableTorchFunctionSubclass(), self._torch.no_grad():
            return self._copied(tensor)

    def mixed(self, tensors):
        """Of several tensors, in their order."""
        return later.mixed(self, [self.digest(tensor) for tensor in tensors])

    def fetched(self, totals):
        """The numbers that begun digests have come to. Raises RuntimeError of the device."""
        with self._quiet(), self._torch._C.DisableTorchFunctionSubclass(), self._torch.no_grad():
            return device.fetched(self._torch, totals)

    def _has(self, tensor, size):
        """Whether the memory is there: a storage can be emptied under its tensors."""
        end = tensor.storage_offset() * tensor.element_size() + size
        return tensor.untyped_storage().nbytes() >= end

    def _copied(self, tensor):
        if tensor.device.type in WITHOUT_MEMORY or hasattr(tensor, "fake_mode"):
            return 0
        if hasattr(type(tensor), "__tensor_flatten__"):
            names, _ = tensor.__tensor_flatten__()
            return self.mixed([getattr(tensor, name) for name in names])
        if tensor.is_nested:
            return self.mixed(list(tensor.unbind()))
        if tensor.layout is not self._strided:
            return self._of_sparse(tensor)
        plain = tensor.detach()
        if not plain.numel() or not self._memory(plain):
            return 0 if plain.numel() else self._function(None, 0)
        if plain.device.type in device.KINDS:
            found = self._there(plain)
            if found is not None:
                return found
        plain = plain.cpu().resolve_conj().resolve_neg().contiguous()
        return self._function(plain.data_ptr(), plain.numel() * plain.element_size())

    def _there(self, tensor):
        """By the device itself; 0 while it records a graph, None where it cannot."""
        if device.is_capturing(self._torch, tensor):
            return 0
        try:
            return later.Begun(self, *device.begun(self._torch, tensor))
        except RuntimeError:  # no room there, or a dtype without bytes of its own: it is copied
            return None

    def _memory(self, tensor):
        """Whether a strided tensor's farthest element lies in its storage."""
        farthest = sum((size - 1) * stride for size, stride in zip(tensor.shape, tensor.stride()))
        end = (tensor.storage_offset() + farthest + 1) * tensor.element_size()
        return tensor.untyped_storage().nbytes() >= end

    def _of_sparse(self, tensor):
        """The parts that a sparse layout has; of another one (mkldnn) the dense form."""
        parts = []
        for name in SPARSE_PARTS:
            try:
                parts.append(getattr(tensor, name)())
            except (RuntimeError, AttributeError):  # each layout has some of them
                continue
        return self.mixed(parts) if parts else self.digest(tensor.to_dense())
