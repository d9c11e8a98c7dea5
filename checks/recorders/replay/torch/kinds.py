"""Properties of each operator of torch, read once from its schema: what it writes, draws, allocates, reads out."""

from __future__ import annotations

from ..trace.format import ALLOCATES, DRAWS, ENTERS, INPLACE, OVERWRITES, READS_OUT
from . import collectives

ALLOCATING = (
    "aten::empty",
    "aten::new_empty",
    "aten::empty_like",
    "aten::empty_strided",
    "aten::set_",
    "aten::resize_",
)
OVERWRITING = ("uniform_", "normal_", "copy_", "zero_", "fill_", "bernoulli_", "random_", "exponential_", "geometric_")
OVERWRITING += ("cauchy_", "log_normal_", "set_")
DRAWING = ("prims::inductor_seed", "prims::inductor_seeds")
"""Operators that draw without the tag `nondeterministic_seeded`; compiled regions draw their seeds by them."""
READING = ("aten::_local_scalar_dense", "aten::equal", "aten::is_nonzero")
ENTERING = ("aten::lift_fresh", "aten::lift")
UNDECLARED_WRITES = ("running_mean", "running_var")
"""Arguments of `UNDECLARED_IN` that are updated in training although their schemas do not say so."""
UNDECLARED_IN = ("aten::native_batch_norm", "aten::cudnn_batch_norm", "aten::miopen_batch_norm")
SCRATCH_OUTPUTS = {
    "aten::mkldnn_rnn_layer": (3,),
    "aten::_ctc_loss": (1,),
    "aten::_cudnn_rnn": (3,),
    "aten::cudnn_batch_norm": (3,),
}
"""
Outputs that hold memory for the backward pass, parts of which nothing writes.

On CPUs these two were the only ones of 331 operators whose content depended on what fresh memory held while no further
result did (torch 2.13). Those of CUDA are cuDNN's reserve spaces, by its documentation.
"""
SCRATCH_INPUTS = {
    "aten::mkldnn_rnn_layer_backward": "workspace",
    "aten::_ctc_loss_backward": "log_alpha",
    "aten::_cudnn_rnn_backward": "reserve",
    "aten::cudnn_batch_norm_backward": "reserveSpace",
}
"""The arguments that take them."""


class Kind:
    """The properties of one operator."""

    __slots__ = (
        "broadcasts",
        "draws",
        "flags",
        "name",
        "named",
        "plain",
        "results",
        "scratch",
        "silent",
        "unread",
        "views",
        "written",
    )

    def __init__(self, torch, func):
        self.named = func
        """The operator, kept alive so that its id is not reused."""
        schema = getattr(func, "_schema", None)
        if schema is None:
            self._higher_order(func)
            return
        base = str(schema.name)
        self.name = base + ("." + schema.overload_name if schema.overload_name else "")
        self.written = _written(schema, base)
        self.scratch = SCRATCH_OUTPUTS.get(base, ())
        """Places of outputs whose content is no result."""
        unread = SCRATCH_INPUTS.get(base)
        self.unread = next((place for place, one in enumerate(schema.arguments) if one.name == unread), -1)
        """Place of the argument whose content is no input; -1 if there is none."""
        if collectives.ignores_first(base):
            self.unread = 0
        self.broadcasts = torch if base == collectives.BROADCAST else None
        """torch, if only the root of the operation reads its first argument."""
        aliased = [value.alias_info for value in schema.returns]
        self.views = views = bool(aliased) and all(one is not None and not one.is_write for one in aliased)
        self.results = not self.written or any(one is None for one in aliased)
        """Whether it returns tensors other than the arguments that it writes."""
        self.plain = not self.written or (len(self.written) == len(aliased) == 1 and not self.results)
        """Whether what it returns is all that it writes."""
        self.draws = torch.Tag.nondeterministic_seeded in func.tags or base in DRAWING
        flags = DRAWS if self.draws else 0
        flags |= INPLACE if self.written else 0
        overwrites = self.written and (
            base.rsplit("::", maxsplit=1)[-1] in OVERWRITING or "out" in [name for _, name in self.written]
        )
        flags |= OVERWRITES if overwrites else 0
        flags |= ALLOCATES if base.startswith(ALLOCATING) else 0
        flags |= READS_OUT if base in READING else 0
        flags |= ENTERS if base in ENTERING else 0
        later = collectives.is_later(base)
        self.flags = flags | INPLACE if later else flags
        self.silent = later or (views and not flags & ENTERS) or bool(flags & ALLOCATES)
        """Whether its outputs get no digest: views, uninitialised memory, or results that are still awaited."""

    def _higher_order(self, func):
        """An operator that takes functions (`cond`, `while_loop`): one record, without the operations inside."""
        self.name = "higher_order::%s" % getattr(func, "_name", type(func).__name__)
        self.written, self.flags, self.scratch, self.unread = (), 0, (), -1
        self.broadcasts = None
        self.results = self.plain = True
        self.draws = self.silent = self.views = False

    def values(self, args, kwargs, result):
        """The arguments that it wrote, then what it returned."""
        if self.scratch:
            result = [one for place, one in enumerate(result) if place not in self.scratch]
        found = [args[place] if place < len(args) else kwargs.get(name) for place, name in self.written]
        return [*found, result] if self.results else found

    def read(self, args, kwargs):
        """(place, argument) of all whose content it reads."""
        unread = self.unread
        if self.broadcasts and not collectives.is_root(self.broadcasts, args):
            unread = 0
        return ((place, one) for place, one in enumerate((*args, *kwargs.values())) if place != unread)


def _written(schema, base):
    """(position, name) of the arguments that an operator writes."""
    if collectives.writes_first(base):
        return ((0, schema.arguments[0].name),)
    undeclared = UNDECLARED_WRITES if base in UNDECLARED_IN else ()
    return tuple(
        (place, argument.name)
        for place, argument in enumerate(schema.arguments)
        if (argument.alias_info is not None and argument.alias_info.is_write) or argument.name in undeclared
    )
