import queue
import threading

waiting, results = queue.Queue(), []
for number in range(12):
    waiting.put(number)


def consume():
    while True:
        try:
            results.append(waiting.get_nowait())
        except queue.Empty:
            return


threads = [threading.Thread(target=consume) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(sorted(results))
