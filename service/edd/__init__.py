"""Delivery dates in use: trained from the shop's parcels, kept with each parcel, shown."""
