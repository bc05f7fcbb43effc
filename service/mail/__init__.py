"""E-mail out, over the shop's own SMTP server."""
