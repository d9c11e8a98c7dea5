"""Functions of ours in the place of others': what a program can do with the one it can do with the other."""

from __future__ import annotations

import functools
import operator
import sys
import types


def in_place_of(plain, function):
    """
    A function that is called in the place of `plain`, and looks like it.

    A class of the program's may hold it (`clock = time.perf_counter`): functions of Python become methods there, those
    of C and bound methods do not, and so neither does what stands for them.
    """
    if hasattr(type(plain), "__get__") and not isinstance(plain, types.MethodType):
        return functools.update_wrapper(function, plain)
    kind = type(type(plain).__name__, (_Standing,), {"__call__": staticmethod(function)})
    return functools.update_wrapper(kind(), plain)


class _Standing:
    """An object that is called like a function, and is pickled and printed as that for which it stands."""

    def __reduce_ex__(self, protocol):
        plain = self.__wrapped__
        while isinstance(plain, _Standing):
            plain = plain.__wrapped__
        told = plain.__reduce_ex__(protocol)
        home = sys.modules.get(getattr(plain, "__module__", None))
        if isinstance(told, str) and getattr(home, told, None) is not self:
            return operator.getitem, ([plain], 0)  # `os.listdir` is at home in `posix`, where the plain one stands
        return told

    def __copy__(self):
        return self

    def __deepcopy__(self, _known):
        return self

    def __repr__(self):
        return repr(self.__wrapped__)
