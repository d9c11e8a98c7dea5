"""
Queries many distributions with a few threads and a deadline.

The threads are daemon threads instead of a pool, since a pool waits at exit for a thread that a slow server blocks.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from . import pages, zip_listing
from .choose import FileChoice, choose
from .client import Client, Dead, NotInIndex, Refused, Unreachable
from .indexes import Index
from .wanted import Wanted

THREADS = 8
DEADLINE_SECONDS = 900.0
"""Time limit for all queries; 129 distributions of the public index take 13 s."""


@dataclass(frozen=True)
class Answer:
    """The result for one distribution."""

    chosen: FileChoice
    index: Index | None = None
    """The index that has it."""
    reached: bool = False
    """Whether any index answered."""


@dataclass
class _Work:
    """The shared state of the threads."""

    order: Callable[[Wanted], list[Index]]
    todo: queue.SimpleQueue[tuple[int, Wanted]] = field(default_factory=queue.SimpleQueue)
    done: queue.SimpleQueue[tuple[int, Answer | Exception, int]] = field(default_factory=queue.SimpleQueue)
    answering: set[str] = field(default_factory=set)
    """Addresses of indexes that have answered."""
    down: dict[str, str] = field(default_factory=dict)
    """URLs of unreachable indexes, with the reason; they are not queried again."""


def gather(
    wanted: Sequence[Wanted], order: Callable[[Wanted], list[Index]], told: Callable[[int, int], None]
) -> tuple[list[Answer], int]:
    """The answers, in the same order, and the number of requests."""
    work = _Work(order)
    for numbered in enumerate(wanted):
        work.todo.put(numbered)
    for _ in range(min(THREADS, len(wanted))):
        threading.Thread(target=_run, args=(work,), daemon=True).start()
    late = Answer(FileChoice(problem=f"the index did not answer within {DEADLINE_SECONDS:.0f} s"))
    answers, requests = [late] * len(wanted), 0
    deadline = time.monotonic() + DEADLINE_SECONDS
    for count in range(len(wanted)):
        try:
            number, answer, asked = work.done.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            break
        if isinstance(answer, Exception):
            raise answer
        answers[number] = answer
        requests += asked
        told(count + 1, len(wanted))
    return answers, requests


def _run(work: _Work) -> None:
    """One thread: query until the queue is empty."""
    clients: dict[str, Client] = {}
    try:
        while True:
            number, one = work.todo.get_nowait()
            before = sum(client.requests for client in clients.values())
            try:
                answer: Answer | Exception = _ask(work, clients, one)
            except Exception as problem:  # noqa: BLE001 -- raised again in the thread that waits for it
                answer = problem
            work.done.put((number, answer, sum(client.requests for client in clients.values()) - before))
    except queue.Empty:
        for client in clients.values():
            client.close()


def _page(work: _Work, client: Client, one: Wanted) -> list[pages.Listed]:
    """One page. Raises Dead if its index is known to be unreachable."""
    why = work.down.get(client.index.url)
    if why:
        raise Dead(why)
    return pages.page(client, one)


def _ask(work: _Work, clients: dict[str, Client], one: Wanted) -> Answer:
    """Query the indexes in order, and use the first that has the file."""
    problems, reached = [], False
    for index in work.order(one):
        if index.url not in clients:
            clients[index.url] = Client(index)
        client = clients[index.url]
        try:
            listed = _page(work, client, one)
        except Dead as problem:
            if index.url not in work.answering:
                work.down.setdefault(index.url, str(problem))
            problems.append(f"{index.url} was not reached: {problem}")
            continue
        except Unreachable as problem:
            problems.append(f"{index.url}: {problem}")
            continue
        except (NotInIndex, Refused) as problem:
            work.answering.add(index.url)
            reached = True
            problems.append(f"{index.url}: {problem}")
            continue
        work.answering.add(index.url)
        reached = True
        found = choose(one, listed, lambda file, client=client: zip_listing.tags(client, file))  # type: ignore[misc]
        if found.files:
            return Answer(found, index, reached=True)
        problems.append(f"{index.url}: {found.problem}")
    return Answer(FileChoice(problem="; ".join(problems) or "no index is known for it"), None, reached)
