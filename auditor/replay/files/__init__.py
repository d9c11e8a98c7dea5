"""Files around runs: each run starts from the same ones, and what it wrote is compared by what it holds."""
