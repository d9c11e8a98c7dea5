"""
Whether stopping and resuming gives the same run: the whole run against a resumed one, aligned by optimizer step.

`runs` makes the runs, `steps` reads what each optimizer step told, `alignment` finds the step of the whole run from
which the resumed one goes on, `comparison` the first step that differs, `unsaved` the state that explains it.
`session` puts them together.
"""
