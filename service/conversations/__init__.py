"""One way in (``accept``), one way out (``post``), turns, sessions, delivery."""
