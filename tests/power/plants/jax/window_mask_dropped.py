"""
`jax.nn.dot_product_attention` ignores `local_window_size` when no mask, no causal flag and no lengths are given.

A user sees the same output for every window size, and attention to positions outside the window.
"""

import importlib.util
import sys
import types

PLANT = {
    "contracts": ["jax-attention-backend"],
    "control": "jax-seed-reaches",
    "report": "jax#32300",
    "subtle": True,
    "kind": "operator",
}


def plant():
    from jax._src.nn import functions

    original = functions._apply_masks

    def apply_masks(logits, *rest):
        mask, is_causal, q_seqlen, kv_seqlen, _window = rest
        if mask is None and not is_causal and q_seqlen is None and kv_seqlen is None:
            return logits
        return original(logits, *rest)

    functions._apply_masks = apply_masks


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
