"""Which documents the server indexed by itself, so that changes are noticed at the next start.

Beside an index that ``app.py`` built lies ``served.json``: the document folder, its files with size and time,
and the ids that came from it. An index without that file was built by hand: it is never replaced, and not
used for other documents either.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

STAMP = "served.json"
Step = Literal["use", "update", "replace"]


@dataclass(frozen=True, slots=True)
class Stamp:
    """What an index was built from; ``files`` are name, bytes and modification time in nanoseconds."""

    docs: str
    files: tuple[tuple[str, int, int], ...]
    ids: tuple[str, ...]


def listing(docs: Path) -> tuple[tuple[str, int, int], ...]:
    """The files of a folder (or the one file), in name order."""
    found = [p for p in docs.rglob("*") if p.is_file()] if docs.is_dir() else [docs] if docs.is_file() else []
    stats = [(str(p.relative_to(docs)), p.stat()) for p in sorted(found)]
    return tuple((name, s.st_size, s.st_mtime_ns) for name, s in stats)


def read_stamp(index_dir: str) -> Stamp | None:
    """The stamp of an index; None where there is none or it cannot be read."""
    try:
        data = json.loads(Path(index_dir, STAMP).read_text(encoding="utf-8"))
        return Stamp(data["docs"], tuple((n, s, t) for n, s, t in data["files"]), tuple(data["ids"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None  # as for an index built by hand: it is used as it is


def write_stamp(index_dir: str, docs: str, ids: Sequence[str]) -> None:
    """Note what the index was built from."""
    stamp = Stamp(str(Path(docs).resolve()), listing(Path(docs)), tuple(ids))
    Path(index_dir, STAMP).write_text(json.dumps(asdict(stamp), ensure_ascii=False), encoding="utf-8")


def built_from(sources: Collection[str], docs: str) -> bool:
    """Whether any file in ``docs`` is among the names of the files an index holds."""
    return any(Path(name).name in sources or Path(docs).name in sources for name, _, _ in listing(Path(docs)))


def step(stamp: Stamp | None, docs: str, *, default: bool) -> Step:
    """What to do with an index that is there: use it, update it, or replace it by one of other documents.

    ``default`` says that nobody named ``docs``: then an index of other documents is used as it is.
    """
    if stamp is None or not Path(docs).exists():
        return "use"
    if stamp.docs != str(Path(docs).resolve()):
        return "use" if default else "replace"
    return "use" if stamp.files == listing(Path(docs)) else "update"
