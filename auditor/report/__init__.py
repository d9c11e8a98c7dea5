"""
Reports: a verified manifest in the formats that people and programs ask for.

`source` is what every format renders, `formats` the table of them. Each format is one module, with its templates in
`reports/templates`. A format adds nothing that is not in the manifest: no time, no machine, no path of today.
"""
