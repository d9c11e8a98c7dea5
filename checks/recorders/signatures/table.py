"""
The table of one process: each distinct signature with its counts, places and statistics, and each draw and seed call.

It is written to a file every second while operations run, and at the end. So a process that is killed loses at most
the last second, and its file says that it has not ended.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time

SAVE_SECONDS = 1.0
BEGAN, STEPS = ".began", ".steps"
"""Suffixes of files that say that the first operation ran, and how many steps of an optimizer were taken."""
MOST_SIGNATURES = 3000
"""Distinct signatures of one process; calls of further ones are counted by operator alone."""
MOST_PLACES = 40
"""Lines that are kept for one signature; further ones are counted together."""
MOST_PROBLEMS, MOST_NOTES = 5, 20


class Entry:
    """One signature."""

    __slots__ = ("calls", "interior", "known", "operator", "places", "settings", "statistics", "values")

    def __init__(self, operator, values, settings, interior=False):
        self.operator, self.values, self.settings, self.interior = operator, values, settings, interior
        self.calls = 0
        self.places = {}
        """(site text, module, whether in the backward pass) to the number of calls."""
        self.statistics = None
        self.known = None

    def document(self):
        """The entry for the file."""
        return {
            "operator": self.operator,
            "arguments": self.values,
            "settings": self.settings,
            "interior": self.interior,
            "calls": self.calls,
            "places": [[*place, count] for place, count in list(self.places.items())],
            "statistics": self.statistics,
        }


class Table:
    """Counts of one process, and the file in which they stand."""

    def __init__(self, folder, parent):
        self._folder, self._parent = folder, parent
        self._entries = {}
        self._beyond = {}
        self._draws = {}
        self._seeds = {}
        self.frameworks = set()
        self.notes = []
        self._begin()

    def _begin(self):
        self._path = os.path.join(self._folder, "%d-%x.json" % (os.getpid(), time.time_ns()))
        self.operations = self.steps = 0
        self._problems = []
        self._due = time.monotonic() + SAVE_SECONDS
        self._closed = False
        self.save()

    def forked(self):
        """In a forked child: a table of its own."""
        self._parent = os.path.basename(self._path)[: -len(".json")]
        for table in (self._entries, self._beyond, self._draws, self._seeds):
            table.clear()
        self._begin()

    # ------------------------------------------------------------------------------------------------- what is counted

    def entry(self, key):
        """The entry of a key; None for a new one."""
        return self._entries.get(key)

    def new(self, key, operator, values, settings, interior=False):
        """A new entry; None where there are too many, whose calls are then counted by operator."""
        if len(self._entries) >= MOST_SIGNATURES:
            return None
        made = self._entries[key] = Entry(operator, values, settings, interior)
        return made

    def beyond(self, operator):
        """Count a call whose signature is not kept."""
        self._beyond[operator] = self._beyond.get(operator, 0) + 1

    def called(self, entry, site, module="", backward=False, times=1):
        """Count a call of an entry."""
        entry.calls += times
        place = (site, module, backward)
        places = entry.places
        if place in places:
            places[place] += times
        elif len(places) < MOST_PLACES:
            places[place] = times
        else:
            rest = ("", "", backward)
            places[rest] = places.get(rest, 0) + times
        self.tick()

    def tick(self):
        """An operation ran: save the table if it is due."""
        if not self.operations:
            self._mark(BEGAN, "")
        self.operations += 1
        if time.monotonic() > self._due:
            self.save()

    def drew(self, name, site, seeded):
        """Count a draw from a generator."""
        self._count(self._draws, (name, site, bool(seeded)))

    def seeded(self, name, site, text):
        """Count a call that seeds a generator, or a seed that was seen in its state."""
        self._count(self._seeds, (name, site, text))

    def _count(self, table, key):
        found = table.get(key)
        if found is None:
            if len(table) < MOST_SIGNATURES:
                table[key] = [1, self.operations]
        else:
            found[0] += 1

    def stepped(self):
        """The program's optimizer took a step: note it at once, since the host may wait for it."""
        self.steps += 1
        self._mark(STEPS, "%d" % self.steps)
        if self.steps == 1 or time.monotonic() > self._due:
            self.save()

    def note(self, text):
        """What could not be seen."""
        if text not in self.notes and len(self.notes) < MOST_NOTES:
            self.notes.append(text)

    def _mark(self, suffix, text):
        """Write a small file beside the table, which the host waits for."""
        with contextlib.suppress(OSError), open(self._path + suffix, "w") as handle:
            handle.write(text)

    def problem(self, error):
        """An error of the recorder: it is told, and does not reach the program."""
        at = error.__traceback__
        while at is not None and at.tb_next is not None:
            at = at.tb_next
        where = " (%s:%d)" % (os.path.basename(at.tb_frame.f_code.co_filename), at.tb_lineno) if at else ""
        told = "%s: %s%s" % (type(error).__name__, str(error)[:300], where)
        if told not in self._problems and len(self._problems) < MOST_PROBLEMS:
            self._problems.append(told)

    # ------------------------------------------------------------------------------------------------------- the file

    def save(self, *, ended=False):
        """Write the file anew, in one step. A folder that is gone means that the host has ended."""
        if self._closed:
            return
        self._closed = ended
        try:
            text = json.dumps(self._document(ended))
            with open(self._path + ".part", "w", encoding="ascii") as handle:
                handle.write(text)
            os.replace(self._path + ".part", self._path)
        except (OSError, RuntimeError):  # a dictionary that another thread extends: the next second tries again
            self._closed = False
        self._due = time.monotonic() + SAVE_SECONDS

    def _document(self, ended):
        argv = list(getattr(sys, "argv", None) or [""])
        return {
            "pid": os.getpid(),
            "parent": self._parent,
            "program": os.path.basename(argv[0]) if argv else "",
            "rank": os.environ.get("RANK", ""),
            "python": sys.executable or "",
            "ended": ended,
            "operations": self.operations,
            "steps": self.steps,
            "frameworks": sorted(self.frameworks),
            "problems": self._problems,
            "notes": self.notes,
            "signatures": [entry.document() for entry in list(self._entries.values())],
            "beyond": dict(self._beyond),
            "draws": [[*key, *found] for key, found in list(self._draws.items())],
            "seeds": [[*key, *found] for key, found in list(self._seeds.items())],
        }
