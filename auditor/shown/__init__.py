"""Any file that auditor wrote as text for a person: `kinds` tells what it is, one module shows each kind."""
