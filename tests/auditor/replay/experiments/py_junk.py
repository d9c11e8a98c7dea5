import sys
import time

begun = time.time()
words = {"word-%d" % number for number in range(40)}
chosen = []
for word in words:  # guilty: a set of strings in the order of their hashes
    if len(chosen) < 5:
        chosen.append(word)
print(chosen)
print("took", time.time() - begun, file=sys.stderr)
