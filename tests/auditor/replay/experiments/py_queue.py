import queue
import threading
import time

waiting, results = queue.Queue(), []
for number in range(400):
    waiting.put(number)


def consume():
    while True:
        try:
            number = waiting.get_nowait()  # guilty: whoever comes first
        except queue.Empty:
            return
        time.sleep(0.001)
        results.append(number)


threads = [threading.Thread(target=consume) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(results)
