import queue
import threading
import time


class Pool:
    def __init__(self, workers):
        self.jobs, self.done, self.lock = queue.Queue(), [], threading.Lock()
        for _ in range(workers):
            threading.Thread(target=self.work, daemon=True).start()

    def work(self):
        while True:
            job = self.jobs.get()
            time.sleep(0.0005)
            with self.lock:
                self.done.append(job * job)  # guilty: workers that live on, in the order in which they end
            self.jobs.task_done()

    def run(self, jobs):
        for job in jobs:
            self.jobs.put(job)
        self.jobs.join()
        return self.done


state = 1.0
for value in Pool(4).run(range(100)):
    state = state * 0.99 + value
print("state", state)
