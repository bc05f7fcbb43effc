"""How well it works, in figures that show how they were counted."""
