"""Where an installation keeps its state: database, secret key, uploads, compiled worlds.

`ENTREPOT_HOME` names the folder. Without it a checkout keeps its state in `.entrepot` beside `pyproject.toml`; an
installed package uses the data folder of the user.
"""

import os
import secrets
import sys
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
    path = state_home() / "secret.key"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text("ascii").strip()
    with os.fdopen(descriptor, "w") as file:
        key = secrets.token_urlsafe(50)
        file.write(key)
    return key


def _default() -> Path:
    checkout = Path(__file__).resolve().parents[3]
    if (checkout / "pyproject.toml").exists():
        return checkout / ".entrepot"
    if sys.platform == "darwin":
        return Path.home() / "Library/Application Support/entrepot"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share") / "entrepot"
