"""Orders from a CSV file of documented columns."""

from integrations.storefronts.csv.adapter import MANIFEST, Csv

__all__ = ["MANIFEST", "Csv"]
