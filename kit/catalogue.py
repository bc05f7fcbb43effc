"""Words by language: one JSON file a language in a folder, each with the same names."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

DEFAULT: Final = "en"


class Catalogue(dict[str, Mapping[str, str]]):
    """The words of a folder: language (ISO 639-1) → name → text. A new file is a new language.

    Args:
        folder: Holds ``en.json`` at least.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(
            (file.stem, json.loads(file.read_text("utf-8")))
            for file in sorted(folder.glob("*.json"))
        )

    def of(self, locale: str) -> Mapping[str, str]:
        """The words for a locale, by name; English where there is no file for its language.

        Args:
            locale: BCP 47 or with an underscore, any case: ``fr``, ``de-AT``, ``es_MX``.
        """
        return self.get(locale[:2].lower(), self[DEFAULT])
