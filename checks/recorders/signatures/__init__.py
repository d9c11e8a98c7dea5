"""Counts the operator signatures of a real run (`auditor audit -- COMMAND`): what is called, with what, from where."""
