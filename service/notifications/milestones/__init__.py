"""What a parcel or an order has come to, found by scans and by the clock, kept once."""
