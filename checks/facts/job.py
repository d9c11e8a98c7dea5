"""Facts about the scheduler's job that this process belongs to, from environment variables."""

from __future__ import annotations

import os

from .. import fact
from ..declare import NotApplicable
from ..fact import probe

SCHEDULERS = {
    "slurm": {
        "sign": "SLURM_JOB_ID",
        "id": ("SLURM_JOB_ID", "SLURM_ARRAY_JOB_ID", "SLURM_STEP_ID"),
        "place": ("SLURM_CLUSTER_NAME", "SLURM_JOB_PARTITION", "SLURM_JOB_NODELIST", "SLURMD_NODENAME"),
        "nodes": "SLURM_JOB_NUM_NODES",
        "tasks": "SLURM_NTASKS",
        "rank": "SLURM_PROCID",
        "binding": ("SLURM_CPU_BIND", "SLURM_CPUS_PER_TASK", "SLURM_GPUS_PER_TASK", "SLURM_GPU_BIND", "SLURM_MEM_BIND"),
    },
    "pbs": {
        "sign": "PBS_JOBID",
        "id": ("PBS_JOBID", "PBS_ARRAY_INDEX"),
        "place": ("PBS_QUEUE", "PBS_NODEFILE"),
        "nodes": "PBS_NUM_NODES",
        "tasks": "PBS_NP",
        "rank": "PBS_VNODENUM",
        "binding": ("PBS_NUM_PPN", "NCPUS"),
    },
    "lsf": {
        "sign": "LSB_JOBID",
        "id": ("LSB_JOBID", "LSB_JOBINDEX"),
        "place": ("LSB_QUEUE", "LSB_HOSTS"),
        "nodes": "LSB_DJOB_NUMHOSTS",
        "tasks": "LSB_DJOB_NUMPROC",
        "rank": "LSF_PM_TASKID",
        "binding": ("LSB_BIND_CPU_LIST", "LSB_BIND_MEM_LIST"),
    },
    "grid-engine": {
        "sign": "SGE_TASK_ID",
        "id": ("JOB_ID", "SGE_TASK_ID"),
        "place": ("QUEUE", "PE_HOSTFILE"),
        "nodes": "NHOSTS",
        "tasks": "NSLOTS",
        "rank": "",
        "binding": ("SGE_BINDING",),
    },
    "ray": {
        "sign": "RAY_JOB_ID",
        "id": ("RAY_JOB_ID",),
        "place": ("RAY_ADDRESS",),
        "nodes": "",
        "tasks": "",
        "rank": "",
        "binding": (),
    },
    "kubernetes": {
        "sign": "KUBERNETES_SERVICE_HOST",
        "id": ("HOSTNAME", "JOB_COMPLETION_INDEX"),
        "place": ("NODE_NAME", "POD_NAMESPACE"),
        "nodes": "",
        "tasks": "",
        "rank": "JOB_COMPLETION_INDEX",
        "binding": (),
    },
}
"""Scheduler to its documented variables; `sign` is the variable that every job of it has."""
LAUNCHED = {
    "tasks": ("WORLD_SIZE", "OMPI_COMM_WORLD_SIZE", "PMI_SIZE"),
    "rank": ("RANK", "OMPI_COMM_WORLD_RANK", "PMI_RANK"),
}
"""Variables of torchrun, Open MPI and other launchers, used where the scheduler sets none."""


def scheduler():
    """The name of the first scheduler whose `sign` is set. Raises NotApplicable without one."""
    for name, told in SCHEDULERS.items():
        if os.environ.get(told["sign"]):
            return name
    raise NotApplicable("no variable that marks a job of %s is set" % ", ".join(SCHEDULERS))


def _variables(what):
    """A reader of the variables that are set, name to value."""

    def read():
        name = scheduler()
        found = {variable: os.environ[variable] for variable in SCHEDULERS[name][what] if os.environ.get(variable)}
        if not found:
            raise fact.Unknown("%s has set no variable for it" % name)
        return found

    return read


def _number(what):
    """A reader of a count: from the scheduler's variable, else from a launcher's."""

    def read():
        names = [told[what] for told in SCHEDULERS.values() if told[what] and os.environ.get(told["sign"])]
        for variable in (*names, *LAUNCHED.get(what, ())):
            if os.environ.get(variable, "").isdigit():
                return int(os.environ[variable])
        raise fact.Unknown("%s has set no variable for it" % scheduler())

    return read


PROBES = {
    "job.scheduler": probe("machine", "scheduler that started this process", "os.environ", scheduler),
    "job.id": probe("identity", "the job's identifiers", "os.environ", _variables("id")),
    "job.place": probe("identity", "cluster, queue and nodes of the job", "os.environ", _variables("place")),
    "job.nodes": probe("machine", "nodes of the job", "os.environ", _number("nodes")),
    "job.tasks": probe("machine", "tasks of the job", "os.environ", _number("tasks")),
    "job.rank": probe("volatile", "rank of this process's task", "os.environ", _number("rank")),
    "job.binding": probe("machine", "binding of tasks to processors and GPUs", "os.environ", _variables("binding")),
}
KEYS = fact.keys(PROBES)


def collect(request):
    """Every fact about the job."""
    return fact.answers(PROBES)
