"""Files taken in: kept once by their content, so that any worker can read them and a run can be resumed."""

from __future__ import annotations

import hashlib
import io
import os
import zipfile
from pathlib import Path

from django.conf import settings
from django.db import transaction

from entrepot.core import audit
from entrepot.core.audit import Actor
from entrepot.domains.channels.models import ImportProfile, ImportRun

FOLDER = "imports"


@transaction.atomic
def receive_file(
    kind: str, file_name: str, content: bytes, *, user: Actor = None, profile: ImportProfile | None = None
) -> ImportRun:
    """Take a file in. The same file of the same kind is the same run, whether finished, stopped or under way."""
    digest = hashlib.sha256(content).hexdigest()
    keep_content(digest, content)
    known = ImportRun.objects.filter(kind=kind, file_sha256=digest).order_by("pk").first()
    if known:
        return known
    run = ImportRun.objects.create(
        kind=kind,
        file_name=Path(file_name).name[:200],
        file_sha256=digest,
        profile=profile,
        created_by_id=getattr(user, "pk", None),
    )
    audit.record(user, "channels.receive_file", f"import:{run.pk}", file=run.file_name, kind=kind)
    return run


def read_content(run: ImportRun) -> bytes:
    """The bytes of a run's file."""
    return _path(run.file_sha256).read_bytes()


def kept_content(digest: str) -> bytes:
    """Bytes that were kept. Errors: FileNotFoundError."""
    return _path(digest).read_bytes()


def pack_folder(folder: Path) -> bytes:
    """The CSV files of a folder as one zip that is the same whenever the files are."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as box:
        for path in sorted(folder.iterdir()):
            if path.name.lower().endswith((".csv", ".csv.gz")):
                box.writestr(zipfile.ZipInfo(path.name), path.read_bytes())
    return buffer.getvalue()


def keep_content(digest: str, content: bytes) -> None:
    """Keep some bytes under their SHA-256; the same bytes are kept once."""
    path = _path(digest)
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{digest}.{os.getpid()}.part")
    part.write_bytes(content)
    part.replace(path)


def _path(digest: str) -> Path:
    return Path(settings.MEDIA_ROOT) / FOLDER / f"{digest}.bin"
