import time
from concurrent.futures import ThreadPoolExecutor, as_completed


def work(number):
    time.sleep(0.001)
    return number * number


with ThreadPoolExecutor(8) as pool:
    futures = [pool.submit(work, number) for number in range(200)]
    results = []
    for future in as_completed(futures):  # guilty: in the order in which they end
        results.append(future.result())
print(results)
