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
        "Another commit or patch is another program, even if only one line differs.",
        sources.REASONING,
    ),
    EffectRule(
        ("code.dirty", "code.changed", "code.untracked", "code.data"),
        "may",
        "Files outside the commit can be part of the program; the digest of the patch shows whether they differ.",
        GIT,
    ),
    EffectRule(
        ("code.lock_files*",),
        "may",
        "It lists the packages that should be installed; the installed ones are compared separately.",
        sources.REASONING,
    ),
    EffectRule(
        ("code.remotes", "code.top", "code.folder"),
        "cannot",
        "It is the location or origin of the code; the commit identifies the code.",
        GIT,
    ),
    EffectRule(
        ("code.command_line",),
        "cannot",
        "It is the audit's command line; the effects of a real run's arguments are in its switches and seeds.",
        sources.REASONING,
    ),
    EffectRule(
        ("job.nodes", "job.tasks", "job.binding*"),
        "may",
        "Sums are split over tasks, so their number and place decide the paths and the order of additions.",
        sources.NCCL_ORDER,
    ),
    EffectRule(
        ("job.scheduler", "job.id*", "job.place*", "job.rank"),
        "cannot",
        "It identifies the job and where it ran; the job's resources are compared separately.",
        SLURM,
    ),
    EffectRule(
        ("caches.triton.version",),
        "changes",
        "Triton compiles kernels: one gave different results after an upgrade.",
        sources.TRITON,
        "library",
        ("torch",),
    ),
    EffectRule(
        ("caches.*",),
        "may",
        "Earlier tuning and compilation is used again, so a choice of kernels by timing persists.",
        sources.XLA_AUTOTUNING,
    ),
)
