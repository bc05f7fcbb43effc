"""The people who answer: accounts, roles, teams, signing in."""
