"""The command line, and what `up` runs: set-up, supervision, checks."""
