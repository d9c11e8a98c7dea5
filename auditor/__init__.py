"""
auditor: a reproducibility and environment auditor for PyTorch, TensorFlow and JAX.

Five words, used everywhere in the same sense:

- **fact**: something read from the environment. No verdict. Four states: `value`, `not-applicable`, `unknown`, `error`.
- **reading**: what one check measured in one process: named fingerprints and numbers. No verdict.
- **finding**: a check's outcome after its rule was applied to its readings.
- **manifest**: facts, readings and findings of one audit, as an in-toto Statement inside a DSSE envelope.
- **spec**: a container specification derived from a manifest's facts.

A check (in `checks/`) measures; the host (here) judges.
"""

__version__ = "0.2.0"
