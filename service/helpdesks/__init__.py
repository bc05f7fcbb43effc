"""Help desks: tickets kept in step with where the shop's people work."""
