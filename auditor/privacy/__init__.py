"""What identifies a machine or a person, what is secret, and what is written in place of both."""
