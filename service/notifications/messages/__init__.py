"""The words of a message: the texts, what they become by kind and language, and their templates."""
