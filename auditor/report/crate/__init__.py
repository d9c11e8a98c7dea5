"""RO-Crate: the files of an audit with their description, for an archive such as Zenodo (Process Run Crate 0.5)."""
