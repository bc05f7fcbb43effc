"""What the shop says first: to whom, by which channel, and when."""
