import numpy

generator = numpy.random.default_rng()  # guilty: no seed
print(generator.normal(size=3).sum())
