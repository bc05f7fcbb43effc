"""A help desk of files: for trying, and for seeing what a real one would get."""

from integrations.helpdesks.console.adapter import Console
from integrations.helpdesks.console.manifest import MANIFEST

__all__ = ["MANIFEST", "Console"]
