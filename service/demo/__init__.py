"""The demo shop's orders, and the sandbox carrier that moves their parcels."""
