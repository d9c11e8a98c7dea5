import random

generator = random.Random()  # guilty: no seed
print(generator.random())
