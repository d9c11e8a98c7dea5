"""A user's own command: how it is started, run with a recorder inside, and what its processes recorded."""
