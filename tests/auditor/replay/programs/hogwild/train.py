"""
Hogwild: processes that train one model in shared memory, each with its own part of the data.

Without `--lock` a step of one process may fall into a step of another, which the method tolerates.
"""

import argparse
import time

import torch
import torch.multiprocessing as mp
from net import Net
from worker import test, train


def parse_args():
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--num-processes", type=int, default=1, metavar="N")
    parser.add_argument("--lock", action="store_true", help="one step at a time")
    parser.add_argument("--epochs", type=int, default=3, metavar="N")
    parser.add_argument("--examples", type=int, default=4000, metavar="N", help="of each process")
    parser.add_argument("--batch-size", type=int, default=16, metavar="N")
    parser.add_argument("--lr", type=float, default=0.05)
    parser.add_argument("--momentum", type=float, default=0.5)
    parser.add_argument("--seed", type=int, default=1, metavar="S")
    parser.add_argument("--log-interval", type=int, default=50, metavar="N")
    parser.add_argument("--save-model", default="hogwild.pt", metavar="FILE")
    return parser.parse_args()


def main():
    """Start the workers, wait for them, and test what they have made."""
    args = parse_args()
    mp.set_start_method("fork")
    torch.manual_seed(args.seed)
    torch.set_num_threads(1)

    model = Net()
    model.share_memory()
    lock = mp.Lock() if args.lock else None

    began = time.time()
    processes = []
    for rank in range(args.num_processes):
        process = mp.Process(target=train, args=(rank, args, model, lock), name=f"worker-{rank}")
        process.start()
        print(f"started {process.name} as process {process.pid}")
        processes.append(process)
    for process in processes:
        process.join()
        if process.exitcode:
            raise SystemExit(f"{process.name} ended with exit code {process.exitcode}")
    print(f"trained for {time.time() - began:.1f} s")

    loss, accuracy = test(args, model)
    print(f"\nTest set: average loss {loss:.4f}, accuracy {100 * accuracy:.1f} %\n")
    torch.save(model.state_dict(), args.save_model)


if __name__ == "__main__":
    main()
