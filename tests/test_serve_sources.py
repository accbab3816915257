"""Naming other documents is never answered with the old ones, and nothing built by hand is replaced."""

import pytest
from serve_running import sample_index

from serve.service import Service, open_or_build
from serve.sources import STAMP, built_from, read_stamp, step, write_stamp


@pytest.fixture
def places(tmp_path):
    docs, others, index = tmp_path / "docs", tmp_path / "others", tmp_path / "index"
    for folder in (docs, others, index):
        folder.mkdir()
    (docs / "a.txt").write_text("1. 甲。", encoding="utf-8")
    (others / "a.txt").write_text("1. 甲。", encoding="utf-8")
    return str(docs), str(others), str(index)


def test_changed_and_other_documents_are_noticed(places, tmp_path):
    docs, others, index = places
    assert step(read_stamp(index), docs, default=False) == "use"
    write_stamp(index, docs, ["a"])
    stamp = read_stamp(index)
    assert stamp.ids == ("a",)
    assert step(stamp, docs, default=False) == "use"
    assert step(stamp, others, default=False) == "replace"
    assert step(stamp, others, default=True) == "use"
    (tmp_path / "docs" / "b.txt").write_text("1. 乙。", encoding="utf-8")
    assert step(stamp, docs, default=False) == "update"
    write_stamp(index, docs, ["a", "b"])
    (tmp_path / "docs" / "a.txt").write_text("1. 丙丁。", encoding="utf-8")
    assert step(read_stamp(index), docs, default=False) == "update"
    assert step(read_stamp(index), str(tmp_path / "gone"), default=False) == "use"


def test_a_damaged_stamp_counts_as_none(places, tmp_path):
    (tmp_path / "index" / STAMP).write_text("[", encoding="utf-8")
    assert read_stamp(places[2]) is None


def test_names_tell_what_an_index_was_built_from(places):
    assert built_from({"a.txt"}, places[0])
    assert not built_from({"z.txt"}, places[0])


def test_an_index_built_by_hand_is_kept_and_not_used_for_other_documents(places, tmp_path):
    folder = str(tmp_path / "hand")
    sample_index().save(folder)
    own = Service(open_or_build(folder, "corpus"))
    own.load()
    assert own.engine.index.fingerprint == sample_index().fingerprint
    other = Service(open_or_build(folder, places[0]))
    other.load()
    assert (other.state, other.ready) == ("failed", False)
    assert "python -m index build" in other.message
    unnamed = Service(open_or_build(folder, places[0], default=True))
    unnamed.load()
    assert unnamed.ready
