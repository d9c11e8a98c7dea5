# Many objects: addresses may differ from run to run from their sixteenth bit on only, which small sets do not look at.
numbers = {object(): number for number in range(60000)}
print([numbers[item] for item in set(numbers)][:50])  # guilty: objects in the order of their addresses
