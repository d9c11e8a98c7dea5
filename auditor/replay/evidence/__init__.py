"""How far outputs differ, the spread of the metric, and reproducers."""
