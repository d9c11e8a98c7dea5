import datetime

limit = 3
now = datetime.datetime.now()  # guilty: the time of day
print("run at", now.isoformat(), limit)
