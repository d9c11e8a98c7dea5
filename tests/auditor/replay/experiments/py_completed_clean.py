import time
from concurrent.futures import ThreadPoolExecutor, as_completed


def work(number):
    time.sleep(0.001 * (number % 3))
    return number * number


with ThreadPoolExecutor(4) as pool:
    futures = [pool.submit(work, number) for number in range(12)]
    results = sorted(future.result() for future in as_completed(futures))
print(results)
