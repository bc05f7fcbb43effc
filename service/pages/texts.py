"""The chat's own words, by language. What the bot says is not here.

One JSON file a language lies in ``words/``; a new file is a new language. ``dir`` is the page's
direction (``ltr`` or ``rtl``); each message finds its own.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from kit.catalogue import Catalogue

CATALOGUE: Final = Catalogue(Path(__file__).parent / "words")

# What the shop's page says itself, around the chat's frame.
LAUNCHER: Final = ("launch", "close", "new")


def texts(locale: str) -> Mapping[str, str]:
    """The words for a locale, by name; English where there is no catalogue for its language.

    Args:
        locale: BCP 47 or with an underscore, any case: ``fr``, ``de-AT``, ``es_MX``.
    """
    return CATALOGUE.of(locale)


def launcher_texts() -> Mapping[str, Mapping[str, str]]:
    """The launcher's few words in every language: it runs before it can ask for one."""
    return {lang: {name: words[name] for name in LAUNCHER} for lang, words in CATALOGUE.items()}
