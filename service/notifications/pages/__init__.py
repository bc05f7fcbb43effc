"""What agents see and change of notifications, and where a shopper ends them."""
