"""Carriers' webhooks: taken in, stored once, read as background work."""
