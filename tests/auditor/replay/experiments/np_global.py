import numpy

values = numpy.random.rand(4)  # guilty: nothing seeds the global generator
print(values.sum())
