import numpy

generator = numpy.random.default_rng(7)
numpy.random.seed(7)
state = numpy.random.RandomState(7)
print(generator.normal(size=3).sum() + numpy.random.rand() + state.rand(3).sum())
