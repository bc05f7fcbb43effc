"""The agents' side: tickets, accounts, pages."""
