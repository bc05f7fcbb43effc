"""The page that follows an order: by a signed link, or by what proves the order."""
