"""
Draft answers for the checklists of conferences. The lists are data in `reports/templates/checklists/`.

`topics` reads a manifest, `lists` the data, `draft` is the format. What an audit cannot know stays a question.
"""
