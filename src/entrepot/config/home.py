"""Where an installation keeps its state: database, secret key, uploads, compiled worlds.

`ENTREPOT_HOME` names the folder. Without it a checkout keeps its state in `.entrepot` beside `pyproject.toml`; an
installed package uses the data folder of the user.
"""

import base64
import os
import secrets
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path


def state_home() -> Path:
    """The folder of all state, made when it is missing."""
    home = Path(os.environ.get("ENTREPOT_HOME") or _default()).expanduser().absolute()
    home.mkdir(parents=True, exist_ok=True)
    return home


def secret_key() -> str:
    """The key that signs sessions: made once per installation, readable by its owner only."""
    if key := os.environ.get("ENTREPOT_SECRET_KEY"):
        return key
    return _made_once("secret.key", lambda: secrets.token_urlsafe(50))


def secret_keys() -> list[str]:
    """The keys that credentials are encrypted with, the newest first: from the environment, else made once."""
    if keys := os.environ.get("ENTREPOT_SECRET_KEYS"):
        return [key.strip() for key in keys.split(",") if key.strip()]
    random_key = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode("ascii")
    return _made_once("credentials.keys", lambda: random_key).split()


def _made_once(name: str, make: Callable[[], str]) -> str:
    """The content of a file only its owner may read; whole as soon as it can be seen, whoever else starts now."""
    path = state_home() / name
    if not path.exists():
        part = path.with_name(f"{name}.{os.getpid()}.part")
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(make())
        with suppress(FileExistsError):
            os.link(part, path)
        part.unlink()
    return path.read_text("ascii").strip()


def _default() -> Path:
    checkout = Path(__file__).resolve().parents[3]
    if (checkout / "pyproject.toml").exists():
        return checkout / ".entrepot"
    if sys.platform == "darwin":
        return Path.home() / "Library/Application Support/entrepot"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share") / "entrepot"
