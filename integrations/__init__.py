"""The shop's other systems, each behind a contract."""
