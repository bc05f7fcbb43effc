"""The chat's own words, by language. What the bot says is not here.

One JSON file a language lies in ``words/``; a new file is a new language. ``dir`` is the page's
direction (``ltr`` or ``rtl``); each message finds its own.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

CATALOGUE: Final[Mapping[str, Mapping[str, str]]] = {
    file.stem: json.loads(file.read_text("utf-8"))
    for file in sorted((Path(__file__).parent / "words").glob("*.json"))
}

# What the shop's page says itself, around the chat's frame.
LAUNCHER: Final = ("launch", "close", "new")


def texts(locale: str) -> Mapping[str, str]:
    """The words for a locale, by name; English where there is no catalogue for its language.

    Args:
        locale: BCP 47 or with an underscore, any case: ``fr``, ``de-AT``, ``es_MX``.
    """
    return CATALOGUE.get(locale[:2].lower(), CATALOGUE["en"])


def launcher_texts() -> Mapping[str, Mapping[str, str]]:
    """The launcher's few words in every language: it runs before it can ask for one."""
    return {lang: {name: words[name] for name in LAUNCHER} for lang, words in CATALOGUE.items()}
