import time

started = time.time()
print("%.6f" % (started % 1000))  # guilty: the time of day
