import multiprocessing
import time


def square(number):
    time.sleep(0.001)
    return number * number


if __name__ == "__main__":
    results = []
    with multiprocessing.get_context("fork").Pool(3) as pool:
        for result in pool.imap_unordered(square, range(24)):  # guilty: in the order in which they end
            results.append(result)
    print(results)
