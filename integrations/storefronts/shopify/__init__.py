"""Orders from Shopify's Admin API, as a file of its order JSON."""

from integrations.storefronts.shopify.adapter import MANIFEST, Shopify

__all__ = ["MANIFEST", "Shopify"]
