"""Files around runs: each run starts from the same ones, and afterwards the folder is as after one plain run."""
