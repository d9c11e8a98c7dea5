"""
Contents of TensorFlow's tensors and variables, and the records that wrote them.

A handle has no content of its own. The content of a variable is read after each operation that may have written it. For
a dataset or an iterator, a digest of everything from which it was made is used.
"""

from __future__ import annotations

import weakref

from ..trace import digests
from ..trace.format import shaped

MOST_REMEMBERED = 1 << 16
"""Most digests whose writer is kept: outside a function a value is in another tensor, recognised by its digest."""

KEEPING = ("ReadVariableOp", "VarIsInitializedOp", "ResourceGather", "ResourceGatherNd", "VariableShape")
KEEPING += ("DestroyResourceOp", "DisableCopyOnRead")
"""Operations on a variable that do not write it."""
NAMING = "ToStringHandle"
"""Suffix of operations that return an iterator's name, which differs between processes."""
FILES = ("ReadFile", "MatchingFiles", "RestoreV2")
"""Operations that return the content of a file or a folder."""


class TensorState:
    """The state that is kept for one eager tensor while it is alive."""

    __slots__ = ("content", "drawn_at", "is_text", "iterates", "number", "reference", "suspect", "writer")

    def __init__(self, tensor, number):
        self.reference, self.number = weakref.ref(tensor), number
        self.writer, self.content = 0, None
        self.is_text = False
        """Whether it is a string from Python, or made of such; mostly a path, which may differ between runs."""
        self.suspect, self.drawn_at, self.iterates = 0, "", False
        """Of a dataset or iterator: the suspicion and line of its most suspicious stage; whether it is an iterator."""


class Tensors:
    """Contents of tensors; in the detail tier also their storage ordinals and writers."""

    def __init__(self, function, process):
        from tensorflow.python.eager import record
        from tensorflow.python.framework import dtypes
        from tensorflow.python.ops import gen_resource_variable_ops, handle_data_util

        self._function, self._process = function, process
        self._stop_recording = record.stop_recording
        self._read = gen_resource_variable_ops.read_variable_op
        self._data_of_symbol = handle_data_util.get_resource_handle_data
        self._dtypes = dtypes
        self._resource, self._variant = dtypes.resource, dtypes.variant
        self.handles = (dtypes.resource.as_datatype_enum, dtypes.variant.as_datatype_enum)
        self._string, self.string = dtypes.string, dtypes.string.as_datatype_enum
        self._entries, self._by_content, self._metas = {}, {}, {}

    # ------------------------------------------------------------------------------------------------- contents

    def is_handle(self, tensor):
        """Whether it is a handle: of a variable, a dataset, an iterator or a table."""
        return tensor.dtype is self._resource or tensor.dtype is self._variant

    def digest(self, tensor):
        """The digest of an eager tensor; 0 for a handle, and for a string from Python, which may be a run's path."""
        kind = tensor._datatype_enum()
        if kind in self.handles or (kind == self.string and self.is_text(tensor)):
            return 0
        return self.of_array(tensor._numpy_internal())

    def is_text(self, tensor):
        """Whether this tensor of strings came from Python."""
        known = self._entries.get(id(tensor))
        return known is not None and known.is_text and known.reference() is tensor

    def is_scalar_string(self, tensor):
        """Whether it holds one string."""
        return tensor._datatype_enum() == self.string and not tensor.shape.rank

    def follow_texts(self, name, inputs, outputs):
        """Mark outputs that are made only of strings from Python, unless they are the content of a file."""
        if name in FILES or not all(one._datatype_enum() == self.string for one in outputs):
            return
        strings = [one for one in inputs if one.dtype is self._string]
        if all(map(self.is_text, strings)) and (strings or name.endswith(NAMING)):
            for one in outputs:
                self.entry(one).is_text = True

    def of_array(self, array):
        """The digest of a NumPy array or scalar."""
        if isinstance(array, (bytes, str)):
            return self._of_text(array if isinstance(array, bytes) else array.encode())
        if array.dtype.hasobject:
            return self._of_text(repr(array.tolist()).encode())
        if not array.ndim or not array.flags.c_contiguous:
            return self.of_bytes(array.tobytes())
        return self._function(array.__array_interface__["data"][0], array.nbytes)

    def _of_text(self, data):
        """The digest of strings, without the names of temporary files that the program has drawn."""
        return self.of_bytes(self._process.names.without(data))

    def of_bytes(self, data):
        """The digest of bytes."""
        return digests.of_bytes(self._function, data)

    def outputs(self, tensors):
        """(meta, digest) of the outputs of an operation."""
        if len(tensors) == 1:
            return self.meta(tensors[0]), self.digest(tensors[0])
        found = [self.digest(tensor) for tensor in tensors]
        return ";".join(self.meta(tensor) for tensor in tensors), digests.mixed(found) if any(found) else 0

    def meta(self, tensor):
        """Dtype, shape and device of an eager tensor as text."""
        key = (tensor._datatype_enum(), tensor._shape_tuple(), tensor.device)
        found = self._metas.get(key)
        if found is None:
            where = key[2].rsplit("device:", 1)[-1].lower()
            told = shaped(tensor.dtype.name, key[1] or ())
            found = self._metas[key] = "%s@%s" % (told, "cpu" if where == "cpu:0" else where)
        return found

    # ------------------------------------------------------------------------------- detail: identities and writers

    def entry(self, tensor):
        """The state of this tensor; a reused address gets a new one."""
        known = self._entries.get(id(tensor))
        if known is None or known.reference() is not tensor:
            known = self._entries[id(tensor)] = TensorState(tensor, self._process.next_storage())
        return known

    def input(self, tensor):
        """(storage ordinal, meta, digest, writer) of an input."""
        entry = self.entry(tensor)
        content = self.content_of_handle(tensor, entry) if self.is_handle(tensor) else self.digest(tensor)
        return entry.number, self.meta(tensor), content, entry.writer or self._by_content.get(content, 0)

    def content_of_handle(self, tensor, entry):
        """The digest of the object of a handle when that was last written."""
        if entry.content is None:
            entry.content = self.read_variable(tensor) or 0
        return entry.content

    def read_variable(self, handle):
        """The digest of a variable's present content; None if the handle is of another object."""
        dtype = self.variable_dtype(handle)
        if dtype is None:
            return None
        with self._stop_recording():
            return self.digest(self._read(handle, dtype))

    def variable_meta(self, handle):
        """Dtype and shape of the variable of a handle as text."""
        shape = handle._handle_data.shape_and_type[0].shape
        dims = ["?"] if shape.unknown_rank else [one.size for one in shape.dim]
        return "%s@cpu" % shaped(self.variable_dtype(handle).name, dims)

    def variable_dtype(self, handle):
        """The dtype of the variable of a handle, eager or symbolic; None if it is no variable."""
        if handle.dtype is not self._resource:
            return None
        data = getattr(handle, "_handle_data", None)
        if (data is None or not data.is_set) and hasattr(handle, "graph"):  # one that a function has captured
            data = self._data_of_symbol(handle)
        if data is None or not data.is_set or len(data.shape_and_type) != 1:
            return None
        dtype = self._dtypes.as_dtype(data.shape_and_type[0].dtype)
        return None if dtype in (self._variant, self._resource) else dtype

    def wrote(self, tensor, writer, content=None):
        """Note the writer of this tensor, or of the object of a handle; returns its state."""
        entry = self.entry(tensor)
        entry.writer = writer
        if content is not None:
            entry.content = content
        self.remember(content, writer)
        return entry

    def remember(self, content, writer):
        """Note the writer of a digest."""
        if content:
            self._by_content.pop(content, None)
            self._by_content[content] = writer
            if len(self._by_content) > MOST_REMEMBERED:
                del self._by_content[next(iter(self._by_content))]

    def writer_of(self, content):
        """The last writer of a digest; 0 if there is none."""
        return self._by_content.get(content, 0)
