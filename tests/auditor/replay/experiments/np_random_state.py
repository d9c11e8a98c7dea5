import numpy

state = numpy.random.RandomState()  # guilty: no seed
print(state.rand(3).sum())
