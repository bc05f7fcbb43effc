"""When a parcel will arrive: learned from the shop's own parcels, and proved on them."""
