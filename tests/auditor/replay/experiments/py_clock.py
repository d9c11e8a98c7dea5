import time


def measured():
    begun = time.perf_counter()  # guilty: how long it took
    total = sum(range(1000))
    return total, time.perf_counter() - begun


total, seconds = measured()
print("total", total)
print("seconds", seconds)
