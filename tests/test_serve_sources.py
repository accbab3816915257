"""An index is current only for the very files it was built from."""

from __future__ import annotations

from pathlib import Path

from serve.sources import is_current, remember


def test_changed_and_other_documents_make_an_index_stale(tmp_path: Path) -> None:
    docs, others, index = tmp_path / "docs", tmp_path / "others", tmp_path / "index"
    for folder in (docs, others, index):
        folder.mkdir()
    (docs / "a.txt").write_text("1. 甲。", encoding="utf-8")
    (others / "a.txt").write_text("1. 甲。", encoding="utf-8")
    assert not is_current(str(index), str(docs))
    remember(str(index), str(docs))
    assert is_current(str(index), str(docs))
    assert not is_current(str(index), str(others))
    (docs / "b.txt").write_text("1. 乙。", encoding="utf-8")
    assert not is_current(str(index), str(docs))
    remember(str(index), str(docs))
    (docs / "a.txt").write_text("1. 丙丁。", encoding="utf-8")
    assert not is_current(str(index), str(docs))
    (index / "built_from.json").write_text("[", encoding="utf-8")
    assert not is_current(str(index), str(docs))
