import itertools

# Objects far apart, so that they fill the table of their set wherever the system places them: a small set is ordered by
# address bits that are alike in every run, and one that does not fill its table often keeps its order. They are made by
# the interpreter itself: 480,000 iterations of ours would be recorded in each run.
far = [*itertools.starmap(object, itertools.repeat((), 480_000))]
numbers = dict(zip(far[::8], itertools.count()))
print([numbers[item] for item in itertools.islice(set(numbers), 50)])  # guilty: objects in the order of their addresses
