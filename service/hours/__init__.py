"""When people answer: opening hours, holidays, and time counted in them."""
