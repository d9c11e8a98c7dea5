"""
A program found in the persistent compilation cache runs as code compiled with other options (fast math).

The first process, with a cold cache, and a later one, with a warm cache, differ in their bits.
"""

import importlib.util
import sys
import types

PLANT = {
    "contracts": ["jax-compiled-repeat"],
    "control": "jax-seed-reaches",
    "report": "jax#27814",
    "subtle": True,
    "kind": "compiled",
}


def plant():
    from jax._src import compiler

    read, compile_or_read = compiler._cache_read, compiler.compile_or_get_cached
    hits = []

    def cache_read(*args, **kwargs):
        found = read(*args, **kwargs)
        if found[0] is not None:
            hits.append(True)
        return found

    def compile_or_get_cached(*args, **kwargs):
        hits.clear()
        ready = compile_or_read(*args, **kwargs)
        backend, computation, _devices, options, callbacks, devices = args[:6]
        if not hits or callbacks:
            return ready
        options.executable_build_options.debug_options.xla_cpu_enable_fast_math = True
        return compiler.backend_compile_and_load(backend, computation, devices, options, callbacks)

    compiler._cache_read, compiler.compile_or_get_cached = cache_read, compile_or_get_cached


def after_import(name, action):
    """Act once the package has been imported, at once if it is there; do nothing where it is absent."""
    busy = []

    def find(fullname, *_):
        if fullname != name or busy:
            return None
        busy.append(True)
        spec = importlib.util.find_spec(name)
        busy.clear()
        run = spec.loader.exec_module
        spec.loader.exec_module = lambda module: (run(module), action())[0]
        return spec

    if name in sys.modules:
        action()
    elif importlib.util.find_spec(name) is not None:
        sys.meta_path.insert(0, types.SimpleNamespace(find_spec=find))


after_import("jax", plant)
