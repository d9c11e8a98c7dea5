import multiprocessing


def square(number):
    return number * number


if __name__ == "__main__":
    with multiprocessing.get_context("fork").Pool(3) as pool:
        print(sorted(pool.imap_unordered(square, range(24))))
