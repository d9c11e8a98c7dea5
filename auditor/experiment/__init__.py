"""One experiment: runs a program once under the recorder, and measures what its operators do on this machine."""
