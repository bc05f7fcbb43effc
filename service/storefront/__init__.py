"""The shop's orders and their parcels, how they come in, and who may hear about them."""
