"""How far outputs differ, the spread of a reported number, and reproducers."""
