"""Shorthand and slips of people who type fast, put right. Used in Python 3.10 too. Pure."""

from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import Final

from rapidfuzz import process
from rapidfuzz.distance import OSA

SHORTHAND: Final[Mapping[str, str]] = {
    "2day": "today", "2moro": "tomorrow", "2morrow": "tomorrow", "acc": "account",
    "asap": "as soon as possible", "b4": "before", "bc": "because", "bday": "birthday",
    "btw": "by the way", "cant": "can't", "coz": "because", "cud": "could", "cuz": "because",
    "dat": "that", "didnt": "didn't", "dis": "this", "dont": "don't", "eta": "arrival time",
    "gd": "good", "gonna": "going to", "gotta": "got to", "havent": "haven't", "hasnt": "hasn't",
    "idk": "i don't know", "isnt": "isn't", "kindly": "please", "lemme": "let me", "luv": "love",
    "mins": "minutes", "msg": "message", "n": "and", "nd": "and", "nope": "no", "nt": "not",
    "ordr": "order", "pckg": "package", "pkg": "package", "pkgs": "packages", "pls": "please",
    "plz": "please", "prcl": "parcel", "ppl": "people", "r": "are", "rcvd": "received",
    "recd": "received", "shud": "should", "sis": "sister", "sum1": "someone",
    "thru": "through", "thx": "thanks", "tmrw": "tomorrow", "tmr": "tomorrow", "tho": "though",
    "trk": "track", "txt": "text", "txts": "texts", "u": "you", "ur": "your", "urs": "yours",
    "v": "very", "w": "with", "wanna": "want to", "wat": "what", "wats": "what's", "wen": "when",
    "wens": "when's", "wer": "where", "wht": "what", "wheres": "where's", "whens": "when's",
    "whats": "what's", "wit": "with", "wk": "week", "wks": "weeks", "wont": "won't", "wud": "would",
    "y": "why", "yest": "yesterday", "ya": "you",
}  # fmt: skip


class Spelling:
    """Puts slips right: a word that nobody knows becomes the nearest one that shoppers use.

    Args:
        used: Words of the training data, in lower case; corrected to.
        known: Other words that are right as they are.
    """

    def __init__(self, used: Collection[str], known: Collection[str]) -> None:
        self._used = sorted(word for word in used if len(word) > 3 and "'" not in word)
        self._known = frozenset(known).union(used)
        self.correct = lru_cache(maxsize=20_000)(self._correct)

    def _correct(self, word: str) -> str:
        if len(word) < 4 or "'" in word or self._is_known(word):
            return word
        allowed = 1 if len(word) < 7 else 2
        near = process.extractOne(word, self._used, scorer=OSA.distance, score_cutoff=allowed)
        return near[0] if near and near[0][0] == word[0] else word

    def _is_known(self, word: str) -> bool:
        stems = (word, word.removesuffix("s"), word.removesuffix("es"), word.removesuffix("ed"),
                 word.removesuffix("d"), word.removesuffix("ing"), word.removesuffix("ing") + "e",
                 word.removesuffix("er"), word.removesuffix("ly"))  # fmt: skip
        return any(len(stem) > 2 and stem in self._known for stem in stems)
