"""
Writes what files hold as lines of text, a value each: HDF5 (with h5py), OCDBT (with tensorstore), SQLite.

The host starts it as a program: `python stored.py REQUEST`. The request lists files; each answer is a file of lines
beside an empty file `.done`, or a file `.failed` with the reason.
"""

import hashlib
import io
import json
import os
import sys
import zipfile

if __name__ == "__main__":  # folders beside this file must not be imported in place of packages
    HERE = os.path.dirname(os.path.realpath(__file__))
    sys.path[:] = [entry for entry in sys.path if os.path.realpath(entry or ".") != HERE]

MOST_SHOWN = 256
"""Numbers of an array that are written as text."""
MOST_BYTES = 1 << 30
"""Of a member of a zip file, and of a value of a database."""
MOST_ENTRIES = 200000
CHUNK_ROWS = 1 << 16
_LETTERS = str.maketrans("0123456789", "ghijklmnop")


def main(request):
    """Answer every file of the request."""
    with open(request, encoding="utf-8") as handle:
        tasks = json.load(handle)
    for task in tasks:
        try:
            with open(task["output"], "w", encoding="utf-8", errors="backslashreplace", newline="\n") as output:
                lines = READERS[task["kind"]](task)
                output.writelines(line.replace("\n", "\\n").replace("\r", "\\r") + "\n" for line in lines)
            open(task["output"] + ".done", "w").close()
        except Exception as problem:
            with open(task["output"] + ".failed", "w", encoding="utf-8", errors="backslashreplace") as handle:
                handle.write("%s: %s" % (type(problem).__name__, problem))


def hdf5(task):
    """Groups, datasets and attributes in the order of their names."""
    import h5py

    if task["member"]:
        with zipfile.ZipFile(task["path"]) as archive, archive.open(task["member"]) as member:
            data = member.read(MOST_BYTES + 1)
        if len(data) > MOST_BYTES:
            raise ValueError("the member is too long")
        source = io.BytesIO(data)
    else:
        source = task["path"]
    with h5py.File(source, "r") as file:
        yield from _group(h5py, file, "")


def _group(h5py, group, place):
    for name, value in sorted(group.attrs.items()):
        yield "%s@%s: %s" % (place, name, _value(value))
    for name in sorted(group):
        here = "%s/%s" % (place, name)
        link = group.get(name, getlink=True)
        if not isinstance(link, h5py.HardLink):
            yield "%s: a link" % here  # to another place, or to another file
            continue
        one = group[name]
        if isinstance(one, h5py.Group):
            yield from _group(h5py, one, here)
        elif isinstance(one, h5py.Dataset):
            yield "%s: %s" % (here, _dataset(one))
            for key, value in sorted(one.attrs.items()):
                yield "%s@%s: %s" % (here, key, _value(value))
        else:
            yield "%s: %s" % (here, type(one).__name__)


def _dataset(one):
    """An array in steps of its first axis."""
    if one.shape is None:
        return "empty"
    if one.size <= MOST_SHOWN or not one.shape:
        return _value(one[()])
    if one.size * one.dtype.itemsize > 64 * MOST_BYTES:
        raise ValueError("a dataset is too large")
    state = hashlib.sha256()
    rows = max(1, CHUNK_ROWS * one.shape[0] // one.size)
    for begin in range(0, one.shape[0], rows):
        state.update(_bytes(one[begin : begin + rows]))
    return "%s[%s] %s" % (one.dtype, ", ".join(map(str, one.shape)), _letters(state))


def _bytes(value):
    """The bytes of an array; objects (strings of any length) have none of their own."""
    return repr(value.tolist()).encode() if value.dtype.hasobject else value.tobytes()


def _value(value):
    """A number, a string or an array as text."""
    if isinstance(value, bytes):
        value = value.decode("utf-8", "backslashreplace")
    if isinstance(value, str):
        return _text(value)
    if not hasattr(value, "dtype"):
        return repr(value)
    if value.size > MOST_SHOWN:
        return "%s[%s] %s" % (value.dtype, ", ".join(map(str, value.shape)), _letters(hashlib.sha256(_bytes(value))))
    numbers = value.tolist()
    flat = _flat(numbers) if isinstance(numbers, list) else [numbers]
    texts = [_text(one) if isinstance(one, (str, bytes)) else repr(one) for one in flat]
    return "%s[%s] %s" % (value.dtype, ", ".join(map(str, value.shape)), " ".join(texts))


def _flat(values):
    for one in values:
        if isinstance(one, list):
            yield from _flat(one)
        else:
            yield one


def _text(value):
    """A string; JSON in it (a configuration) with its parts apart."""
    if isinstance(value, bytes):
        value = value.decode("utf-8", "backslashreplace")
    if len(value) > 4000:
        return "%r %s" % (value[:4000], _letters(hashlib.sha256(value.encode("utf-8", "backslashreplace"))))
    return repr(value)


def ocdbt(task):
    """The keys of the database with digests of their values."""
    import tensorstore

    spec = {"driver": "ocdbt", "base": "file://%s/" % task["path"]}
    store = tensorstore.KvStore.open(spec).result()
    keys = sorted(store.list().result())
    if len(keys) > MOST_ENTRIES:
        raise ValueError("the database has too many keys")
    for key in keys:
        value = store.read(key).result().value
        name = key.decode("utf-8", "backslashreplace")
        text = value.decode("utf-8", "replace")
        if len(value) <= 4000 and text.isprintable():
            yield "%s: %s" % (name, text)
        else:
            yield "%s: %s" % (name, _letters(hashlib.sha256(value)))


def sqlite(task):
    """The rows of every table, which is opened read-only and without its journal."""
    import sqlite3
    from urllib.parse import quote

    if task["member"]:
        raise ValueError("databases in archives are not read")
    journal = task["path"] + "-wal"
    if os.path.exists(journal) and os.path.getsize(journal):
        raise ValueError("its last writes are in a journal")
    base = sqlite3.connect("file:%s?mode=ro&immutable=1" % quote(task["path"]), uri=True)
    try:
        names = [row[0] for row in base.execute("SELECT name FROM sqlite_master WHERE type='table' ORDER BY name")]
        for name in names:
            cursor = base.execute('SELECT * FROM "%s"' % name.replace('"', '""'))  # noqa: S608 - a quoted name
            columns = [column[0] for column in cursor.description]
            for number, row in enumerate(cursor):
                if number > MOST_ENTRIES:
                    raise ValueError("a table has too many rows")
                cells = ("%s=%s" % (column, _cell(value)) for column, value in zip(columns, row))
                yield "%s: %s" % (name, ", ".join(cells))
    finally:
        base.close()


def _cell(value):
    return _value(value) if isinstance(value, (str, bytes)) else repr(value)


def _letters(state):
    """A digest in letters: digits would be taken for an amount."""
    return state.hexdigest().translate(_LETTERS)[:32]


READERS = {"hdf5": hdf5, "ocdbt": ocdbt, "sqlite": sqlite}

if __name__ == "__main__":
    main(sys.argv[1])
