import time
from concurrent.futures import ThreadPoolExecutor, wait


def work(number):
    time.sleep(0.001)
    return number * number


with ThreadPoolExecutor(8) as pool:
    done, _ = wait([pool.submit(work, number) for number in range(200)])
    results = []
    for future in done:  # guilty: a set of objects, in the order of their addresses
        results.append(future.result())
print(results)
