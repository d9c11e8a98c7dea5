import time

started = time.time()  # guilty: the time of day
print("%.6f" % (started % 1000))
