"""The way to Rasa and back: the client, the action endpoint, the desk its actions work at."""
