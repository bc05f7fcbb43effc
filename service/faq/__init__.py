"""The shop's FAQ in the service: kept fresh, asked, rated."""
