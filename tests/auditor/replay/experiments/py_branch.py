import os


def shard():
    return os.getpid() % 97  # guilty: the number of the process


if shard() < 48:
    name = "low"
else:
    name = "high"
print(name, shard())
