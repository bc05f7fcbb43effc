"""The providers of channels, replayed: what they send us, signed, and what they take from us."""
