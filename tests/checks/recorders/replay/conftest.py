"""Makes the helper of these tests importable by its name: tests are imported by file here, not as packages."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
