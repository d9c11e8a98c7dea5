import random

random.seed(3)
print(sum(random.random() for _ in range(100)))
