# Objects far apart, so that they fill the table of their set wherever the system places them: a small set is ordered by
# address bits that are alike in every run, and one that does not fill its table often keeps its order.
far = [object() for _ in range(480_000)]
numbers = {item: number for number, item in enumerate(far[::8])}
print([numbers[item] for item in set(numbers)][:50])  # guilty: objects in the order of their addresses
