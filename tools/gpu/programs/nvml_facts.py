"""Prints the facts of NVIDIA GPUs, as JSON; the host's Python runs it, with the checkout's root as its argument."""

import json
import sys

sys.path.insert(0, sys.argv[1])

from auditor.nvml import host

facts = {key: fact.model_dump(mode="json", by_alias=True) for key, fact in host.facts().items()}
print(json.dumps({"facts": facts}, indent=2))
