import random

values = [random.random() for _ in range(3)]  # guilty: nothing seeds the global generator
print(sum(values))
