import multiprocessing
import random


def work(number):
    return sum(random.Random().random() for _ in range(number % 3 + 1))  # guilty: seeded from the system


if __name__ == "__main__":
    with multiprocessing.Pool(2) as pool:
        print(sum(pool.map(work, range(200), chunksize=1)))
