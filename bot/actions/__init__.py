"""The bot's actions, one file each. They run inside the service, which hands them a ``Desk``."""
