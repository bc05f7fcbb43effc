"""Ticket systems of other makers: one folder each."""
