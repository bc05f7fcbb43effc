"""Telling people: what is due becomes messages, and those are looked after until they arrive."""
