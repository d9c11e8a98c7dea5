"""
The payload: what runs inside the audited Python.

It imports the standard library, the framework under test and what a check declares in `needs`; never the host.
`__main__.py` loads this folder under the private name `_auditor_checks`, so that `checks/torch/` can never be taken
for torch itself.
"""
