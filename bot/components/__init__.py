"""Rasa components of this bot. They run in the bot's Python (3.10)."""
