import itertools

# Objects at the same place of many pools of the interpreter's memory: they collide in the table of their set, which then
# asks all bits of their addresses. Sets without collisions are ordered by a few of them, and three runs may be alike by
# chance. The interpreter itself makes them: 480,000 iterations of ours would be recorded in each run.
far = [*itertools.starmap(object, itertools.repeat((), 480_000))]
numbers = dict(zip(far[::1021], itertools.count()))
print([numbers[item] for item in itertools.islice(set(numbers), 50)])  # guilty: objects in the order of their addresses
