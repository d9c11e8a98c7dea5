import time


class Meter:
    def __init__(self):
        self.samples = []

    def sample(self):
        self.samples.append(time.monotonic_ns())  # guilty: the clock

    def told(self):
        return sum(self.samples)


meter = Meter()
for _ in range(3):
    meter.sample()
print(
    "sum",
    meter.told(),
)
