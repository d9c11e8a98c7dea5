"""Facts of the user's code, of its job, and of kernels that were compiled before."""

from __future__ import annotations

from . import sources
from .rule import EffectRule

GIT = "https://git-scm.com/docs/git-status"
SLURM = "https://slurm.schedmd.com/sbatch.html#SECTION_OUTPUT-ENVIRONMENT-VARIABLES"

CODE = (
    EffectRule(
        ("code.commit", "code.patch", "code.program"),
        "changes",
        "Another commit or patch is another program, even where one line differs.",
        sources.REASONING,
    ),
    EffectRule(
        ("code.dirty", "code.changed", "code.untracked", "code.data"),
        "may",
        "Files beside the commit can be part of the program; the digest of the patch tells which are not alike.",
        GIT,
    ),
    EffectRule(
        ("code.lock_files*",),
        "may",
        "It tells which packages were meant to be installed; those that are installed are compared by themselves.",
        sources.REASONING,
    ),
    EffectRule(
        ("code.remotes", "code.top", "code.folder"),
        "cannot",
        "It tells where the code lies or came from; which code it is stands in the commit.",
        GIT,
    ),
    EffectRule(
        ("code.command_line",),
        "cannot",
        "It is the audit's own; what arguments of a real run decide stands in its switches, seeds and threads.",
        sources.REASONING,
    ),
    EffectRule(
        ("job.nodes", "job.tasks", "job.binding*"),
        "may",
        "Sums are split over tasks, so their number and place decide paths, and with them the order of additions.",
        sources.NCCL_ORDER,
    ),
    EffectRule(
        ("job.scheduler", "job.id*", "job.place*", "job.rank"),
        "cannot",
        "It names the job and where it ran; what it was given is compared by itself.",
        SLURM,
    ),
    EffectRule(
        ("caches.triton.version",),
        "changes",
        "Triton compiles kernels: one gave other results after an upgrade.",
        sources.TRITON,
        "library",
        ("torch",),
    ),
    EffectRule(
        ("caches.*",),
        "may",
        "What was tuned and compiled before is used again: a choice of kernels that was made by time stays.",
        sources.XLA_AUTOTUNING,
    ),
)
