"""
The payload: the code that runs inside the audited Python.

It imports the standard library, the framework under test and the modules that a check declares in `needs`; it never
imports the host (`auditor/`). `__main__.py` loads this folder under the private name `_auditor_checks`, so that
`import torch` never finds `checks/torch/`.
"""
