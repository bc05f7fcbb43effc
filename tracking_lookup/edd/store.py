"""Trained models on disk: versions, which of them runs, and the way back.

``<folder>/<version>/model.pickle`` and ``about.json``; ``<folder>/running.json`` names the one that
runs and those that ran before it. A version is complete or not there: it is renamed into place.
Models are read from this folder alone, which only the service's user may write to; a pickle from
elsewhere could run anything.
"""

import hashlib
import json
import os
import pickle
import shutil
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass, fields
from importlib.metadata import version as installed
from pathlib import Path
from statistics import fmean
from typing import Any, Final

from kit.errors import BadInput, NotFound
from tracking_lookup.edd.features import NAMES
from tracking_lookup.edd.model import Model
from tracking_lookup.edd.shipments import Shipment, Stage
from tracking_lookup.edd.trees import Trees

NOT_WORSE: Final = 1.02
"""How many times the running model's pinball loss a new one may have: less is noise, and the newer
one knows more."""
ENOUGH_IN_BOTH: Final = 50
"""Parcels that two models held out, from which those alone are compared."""
KEPT: Final = 10

_MODEL: Final = "model.pickle"
_ABOUT: Final = "about.json"
_RUNNING: Final = "running.json"
_FEATURES: Final = hashlib.sha256(
    repr((NAMES, [field.name for field in fields(Trees)])).encode()
).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Version:
    """One trained model on disk.

    Attributes:
        name: Sorts by time.
        data: Hash of the parcels it was trained on: the same data give the same hash.
        loss: By stage, see ``Model``.
        sklearn: The version that grew its trees.
        sha256: Of the model's file, checked before it is read.
        features: What its columns and tables were, as a hash; a model of others is not read.
    """

    name: str
    trained_at: str
    data: str
    parcels: int
    loss: dict[str, float]
    sklearn: str
    sha256: str
    runs: bool = False
    features: str = ""


def data_hash(shipments: Iterable[Shipment]) -> str:
    """What the data are, whatever their order."""
    total = 0
    for one in shipments:
        digest = hashlib.sha256(repr(one).encode()).digest()
        total = (total + int.from_bytes(digest)) % 2**256
    return f"{total:064x}"[:16]


class Store:
    """The versions in one folder. Safe against a crash; one trainer at a time, please."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add(self, model: Model, data: str) -> Version:
        """Keep a trained model; it does not run yet. Old ones that will not run are removed."""
        name = f"{model.trained_at:%Y%m%dT%H%M%S}-{data[:8]}"
        written = pickle.dumps(model, protocol=5)
        about = Version(
            name,
            model.trained_at.isoformat(),
            data,
            model.parcels,
            {str(stage): round(loss, 4) for stage, loss in model.loss.items()},
            installed("scikit-learn"),
            hashlib.sha256(written).hexdigest(),
            features=_FEATURES,
        )
        self._folder.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(dir=self._folder, prefix=".new-"))
        (scratch / _MODEL).write_bytes(written)
        (scratch / _ABOUT).write_text(json.dumps(asdict(about), indent=1))
        final = self._folder / name
        if final.exists():
            shutil.rmtree(final)
        scratch.rename(final)
        self._tidy(name)
        return about

    def promote(self, version: Version) -> bool:
        """Let a version run if it is not worse than the one that does; whether it runs now.

        Worse is a mean loss above ``NOT_WORSE`` times the other's at any stage, on the parcels that
        both held out of their training. Where those are too few, each one's own months stand in.

        Raises:
            BadInput: The version's file is damaged.
        """
        running = self.running()
        if running and running.name != version.name and self._is_worse(version, running):
            return False
        ran = self._ran()
        self._write([*[name for name in ran if name != version.name], version.name])
        return True

    def rollback(self) -> Version:
        """Let the version run that ran before.

        Raises:
            NotFound: None did.
        """
        ran = self._ran()
        if len(ran) < 2:
            raise NotFound("no earlier delivery-date model has run")
        self._write(ran[:-1])
        return next(version for version in self.versions() if version.runs)

    def versions(self) -> list[Version]:
        """All, newest first."""
        ran = self._ran()
        found = []
        for about in sorted(self._folder.glob(f"[!.]*/{_ABOUT}"), reverse=True):
            fields: dict[str, Any] = json.loads(about.read_text())
            fields["runs"] = bool(ran) and fields["name"] == ran[-1]
            found.append(Version(**fields))
        return found

    def running(self) -> Version | None:
        """The one that runs; ``None`` before the first."""
        return next((version for version in self.versions() if version.runs), None)

    def mark(self) -> tuple[int, int] | None:
        """Changes whenever another version runs, and is cheap to ask for; ``None`` with none."""
        try:
            found = (self._folder / _RUNNING).stat()
        except FileNotFoundError:
            return None
        return found.st_mtime_ns, found.st_ino

    def is_readable(self, version: Version) -> bool:
        """Whether it was written as this Wismo writes them, of the features that there are now."""
        return version.features == _FEATURES

    def load(self) -> Model | None:
        """The model that runs; ``None`` before the first.

        Also where another Wismo wrote it in its own way: the next training replaces it.

        Raises:
            BadInput: Its file is damaged.
        """
        version = self.running()
        return self._read(version) if version and self.is_readable(version) else None

    def _is_worse(self, new: Version, running: Version) -> bool:
        theirs: dict[Stage, dict[str, float]] = {}
        if self.is_readable(running):
            with suppress(BadInput):  # a damaged one must not stand in a new one's way
                theirs = self._read(running).held
        ours = self._read(new).held
        for stage in Stage:
            mine = ours.get(stage, {})
            both = mine.keys() & theirs.get(stage, {}).keys()
            if len(both) >= ENOUGH_IN_BOTH:
                loss = fmean(mine[one] for one in both)
                other = fmean(theirs[stage][one] for one in both)
            elif stage in new.loss and stage in running.loss:
                loss, other = new.loss[stage], running.loss[stage]
            else:
                continue
            if loss > NOT_WORSE * other:
                return True
        return False

    def _read(self, version: Version) -> Model:
        path = self._folder / version.name / _MODEL
        try:
            written = path.read_bytes()
        except OSError as error:
            raise BadInput(f"{path}: {error.strerror}") from error
        if hashlib.sha256(written).hexdigest() != version.sha256:
            raise BadInput(f"{path} is damaged; roll back or train again")
        model = pickle.loads(written)  # noqa: S301 - our own file, as its hash says
        if not isinstance(model, Model):
            raise BadInput(f"{path} is not a delivery-date model")
        return model

    def _ran(self) -> list[str]:
        try:
            names: list[str] = json.loads((self._folder / _RUNNING).read_text())["ran"]
        except FileNotFoundError:
            return []
        return [name for name in names if (self._folder / name / _ABOUT).exists()]

    def _write(self, ran: list[str]) -> None:
        scratch = self._folder / f".{_RUNNING}.{os.getpid()}"
        scratch.write_text(json.dumps({"ran": ran[-KEPT:]}))
        scratch.replace(self._folder / _RUNNING)

    def _tidy(self, newest: str) -> None:
        needed = {*self._ran(), newest}
        spare = [version.name for version in self.versions() if version.name not in needed]
        for name in spare[KEPT:]:
            shutil.rmtree(self._folder / name)
        for stale in self._folder.glob(".new-*"):
            shutil.rmtree(stale, ignore_errors=True)
