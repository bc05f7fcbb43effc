"""Keep Rasa from loading TensorFlow, which it imports for components this bot does not use.

Rasa 3.6 imports every component it knows at start-up, and two thirds of that time is TensorFlow
(measured: 15 s of 22, and 250 MB). Nothing in ``config.yml`` runs on it, so ``import tensorflow``
gets an empty shell here: enough for classes to be defined, none of which are ever made. Where
``config.yml`` names a component that needs it, the real one is loaded.
"""

import importlib.abc
import importlib.machinery
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

HEAVY = ("tensorflow", "tensorflow_addons", "tensorflow_hub", "tensorflow_text", "keras")
NEEDS_IT = (
    "DIETClassifier",
    "ResponseSelector",
    "TEDPolicy",
    "UnexpecTED",
    "ConveRT",
    "LanguageModel",
)


def leave_out(config: Path) -> bool:
    """Put the shell in place, before ``rasa`` is first imported.

    Returns:
        Whether it was; not where ``config`` names a component that runs on TensorFlow.
    """
    if any(name in config.read_text(encoding="utf-8") for name in NEEDS_IT):
        return False
    sys.meta_path.insert(0, _Finder())
    return True


class _Anything(type):
    """A class whose every attribute, call and subscript is such a class again."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Shell

    def __getitem__(cls, _: Any) -> Any:
        return _Shell

    def __or__(cls, other: Any) -> Any:
        return Any

    __ror__ = __or__


class _Shell(metaclass=_Anything):
    def __new__(cls, *args: Any, **_: Any) -> Any:
        """Used as a decorator, it gives back what it decorates."""
        return args[0] if len(args) == 1 and callable(args[0]) else cls


class _Module(ModuleType):
    __path__: Sequence[str] = ()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Shell


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name: str, path: Any, target: Any = None) -> Any:
        if name.partition(".")[0] in HEAVY:
            return importlib.machinery.ModuleSpec(name, self, is_package=True)
        return None

    def create_module(self, spec: Any) -> ModuleType:
        return _Module(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        pass
