words = {"word-%d" % number for number in range(40)}
print(" ".join(words))  # guilty: a set of strings
