"""Which files an index was built from, so that naming other documents is never answered with the old ones."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

_RECORD = "built_from.json"


def stamp(docs: str) -> str:
    """A hash of the names, sizes and modification times of a file or of a folder's files."""
    root = Path(docs).expanduser().resolve()
    files = sorted(path for path in root.rglob("*") if path.is_file()) if root.is_dir() else [root]
    seen = [(str(path), path.stat().st_size, path.stat().st_mtime_ns) for path in files if path.exists()]
    return hashlib.sha256(json.dumps([str(root), seen]).encode()).hexdigest()[:16]


def remember(index_dir: str, docs: str) -> None:
    """Record in the index folder what it was built from."""
    record = json.dumps({"docs": docs, "stamp": stamp(docs)}, ensure_ascii=False)
    (Path(index_dir) / _RECORD).write_text(record + "\n", encoding="utf-8")


def is_current(index_dir: str, docs: str) -> bool:
    """Whether the index was built from these files as they are now; False where nothing was recorded."""
    try:
        record = json.loads((Path(index_dir) / _RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(record, dict) and record.get("stamp") == stamp(docs)
