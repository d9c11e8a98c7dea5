import multiprocessing
import random


def work(number):
    random.seed(number)
    return random.random()


if __name__ == "__main__":
    pool = multiprocessing.get_context("spawn").Pool(2)
    print(sum(pool.map(work, range(400), chunksize=1)))
    pool.terminate()  # its workers are ended by a signal, wherever they are
    pool.join()
