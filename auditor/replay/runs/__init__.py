"""One run of the experiment, what it printed and wrote, and what its trace says of it as a whole."""
