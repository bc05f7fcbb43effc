"""The Rasa project. Only ``bot.actions`` runs in the service."""
