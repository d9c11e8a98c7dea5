"""
Pickles read as data: the stack machine of the format without calls, so that nothing of a file is executed.

What a pickle would call (`REDUCE`, `BUILD`, ...) stays a node with the name of the function and its arguments.
"""

from __future__ import annotations

import io
import pickletools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .leaves import Undecodable

MOST_BYTES = 256 << 20
MOST_STEPS = 5_000_000
MOST_MEMO = 5_000_000


@dataclass(eq=False)
class Node:
    """A container, or a call that was not made."""

    kind: str
    """list, tuple, dict, set, name, call, stored"""
    items: list[Any] = field(default_factory=list)
    """Of a dict: pairs. Of a call: function and arguments. Of what is stored beside the pickle: its id."""
    state: Any = None
    """What would be given to `__setstate__`."""


_MARK = Node("mark")


def is_pickle(head: bytes) -> bool:
    """Whether bytes begin as those of protocols 2 to 5 do."""
    return len(head) > 2 and head[0] == 0x80 and 2 <= head[1] <= 5


def loaded(data: bytes) -> Any:
    """What the pickle holds, as atoms of Python and nodes. Raises Undecodable."""
    if len(data) > MOST_BYTES:
        raise Undecodable("the pickle is too long")
    machine = _Machine()
    source = io.BytesIO(data)
    try:
        for number, (opcode, argument, _) in enumerate(pickletools.genops(source)):
            if number > MOST_STEPS:
                raise Undecodable("the pickle has too many steps")
            machine.step(opcode.name, argument)
    except (ValueError, IndexError, KeyError, TypeError, AttributeError, UnicodeError, MemoryError) as problem:
        raise Undecodable("it is no whole pickle") from problem
    if source.tell() != len(data) and source.read(1):
        raise Undecodable("more follows the pickle")
    return machine.stack[-1]


class _Machine:
    def __init__(self) -> None:
        self.stack: list[Any] = []
        self.memo: dict[int, Any] = {}

    def step(self, name: str, argument: Any) -> None:
        """One opcode."""
        if name in _SILENT:
            return
        if name in _VALUES:
            self.stack.append(_VALUES[name])
        elif name in _ARGUMENTS:
            self.stack.append(argument)
        elif name in _EMPTY:
            self.stack.append(Node(_EMPTY[name]))
        elif name in _SHORT_TUPLES:
            count = _SHORT_TUPLES[name]
            items = [self.stack.pop() for _ in range(count)][::-1]
            self.stack.append(Node("tuple", items))
        elif name in _OF_MARK:
            self._of_mark(name)
        else:
            _STEPS[name](self, argument)

    def _marked(self) -> list[Any]:
        at = len(self.stack) - 1
        while self.stack[at] is not _MARK:
            if at == 0:
                raise ValueError("no mark")
            at -= 1
        items = self.stack[at + 1 :]
        del self.stack[at:]
        return items

    def _of_mark(self, name: str) -> None:
        items = self._marked()
        if name in {"APPENDS", "ADDITEMS"}:
            self._container().items.extend(items)
        elif name == "SETITEMS":
            self._container().items.extend(zip(items[::2], items[1::2], strict=True))
        elif name == "DICT":
            self.stack.append(Node("dict", list(zip(items[::2], items[1::2], strict=True))))
        elif name == "POP_MARK":
            return
        elif name == "OBJ":
            self.stack.append(Node("call", [items[0], Node("tuple", items[1:])]))
        else:
            self.stack.append(Node({"LIST": "list", "TUPLE": "tuple", "FROZENSET": "set"}[name], items))

    def _container(self) -> Node:
        """The container on top, whatever would make it: an OrderedDict is a call to which items are added."""
        node = self.stack[-1]
        if not isinstance(node, Node):
            raise TypeError("no container")
        if node.kind != "call":
            return node
        if not isinstance(node.state, Node) or node.state.kind != "more":
            node.state = Node("more")
        return node.state

    def mark(self, _argument: Any) -> None:
        self.stack.append(_MARK)

    def pop(self, _argument: Any) -> None:
        self.stack.pop()

    def dup(self, _argument: Any) -> None:
        self.stack.append(self.stack[-1])

    def append(self, _argument: Any) -> None:
        value = self.stack.pop()
        self._container().items.append(value)

    def setitem(self, _argument: Any) -> None:
        value, key = self.stack.pop(), self.stack.pop()
        self._container().items.append((key, value))

    def put(self, argument: Any) -> None:
        self.memo[int(argument)] = self.stack[-1]

    def memoize(self, _argument: Any) -> None:
        self.memo[len(self.memo)] = self.stack[-1]

    def get(self, argument: Any) -> None:
        self.stack.append(self.memo[int(argument)])

    def named(self, argument: Any) -> None:
        self.stack.append(Node("name", [str(argument).replace(" ", ".")]))

    def stack_named(self, _argument: Any) -> None:
        name, module = self.stack.pop(), self.stack.pop()
        self.stack.append(Node("name", [f"{module}.{name}"]))

    def reduce(self, _argument: Any) -> None:
        arguments, function = self.stack.pop(), self.stack.pop()
        self.stack.append(Node("call", [function, arguments]))

    def new_object(self, _argument: Any) -> None:
        named, arguments, function = self.stack.pop(), self.stack.pop(), self.stack.pop()
        self.stack.append(Node("call", [function, arguments, named]))

    def instance(self, argument: Any) -> None:
        arguments = self._marked()
        self.stack.append(Node("call", [Node("name", [str(argument).replace(" ", ".")]), Node("tuple", arguments)]))

    def build(self, _argument: Any) -> None:
        state = self.stack.pop()
        node = self.stack[-1]
        if not isinstance(node, Node):
            raise TypeError("no object")
        node.state = Node("tuple", [node.state, state]) if node.state is not None else state

    def stored(self, argument: Any) -> None:
        self.stack.append(Node("stored", [argument]))

    def stored_of_stack(self, _argument: Any) -> None:
        self.stack.append(Node("stored", [self.stack.pop()]))


_SILENT = {"PROTO", "FRAME", "STOP", "READONLY_BUFFER"}
_VALUES: dict[str, Any] = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False}
_ARGUMENTS = {
    *("INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4", "FLOAT", "BINFLOAT", "STRING", "BINSTRING"),
    *("SHORT_BINSTRING", "BINBYTES", "SHORT_BINBYTES", "BINBYTES8", "BYTEARRAY8", "UNICODE", "SHORT_BINUNICODE"),
    *("BINUNICODE", "BINUNICODE8"),
}
_EMPTY = {"EMPTY_LIST": "list", "EMPTY_TUPLE": "tuple", "EMPTY_DICT": "dict", "EMPTY_SET": "set"}
_SHORT_TUPLES = {"TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}
_OF_MARK = {"APPENDS", "ADDITEMS", "SETITEMS", "DICT", "POP_MARK", "OBJ", "LIST", "TUPLE", "FROZENSET"}
_STEPS: dict[str, Callable[[_Machine, Any], None]] = {
    "MARK": _Machine.mark,
    "POP": _Machine.pop,
    "DUP": _Machine.dup,
    "APPEND": _Machine.append,
    "SETITEM": _Machine.setitem,
    **dict.fromkeys(("PUT", "BINPUT", "LONG_BINPUT"), _Machine.put),
    **dict.fromkeys(("GET", "BINGET", "LONG_BINGET"), _Machine.get),
    "MEMOIZE": _Machine.memoize,
    "GLOBAL": _Machine.named,
    "STACK_GLOBAL": _Machine.stack_named,
    **dict.fromkeys(("REDUCE", "NEWOBJ"), _Machine.reduce),
    "NEWOBJ_EX": _Machine.new_object,
    "INST": _Machine.instance,
    "BUILD": _Machine.build,
    "PERSID": _Machine.stored,
    "BINPERSID": _Machine.stored_of_stack,
}
