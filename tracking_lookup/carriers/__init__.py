"""Carriers and aggregators: one folder each."""
