"""The folder on disk: what is saved is opened, what is damaged is refused with a message."""

import json
from dataclasses import replace

import pytest
from index_corpus import SmallCorpus, small_corpus

from index import store
from index.encoder import HashingEncoder
from index.retrieval import Index


@pytest.fixture(scope="module")
def index():
    return Index.build(small_corpus(), encoder=HashingEncoder())


@pytest.fixture
def saved(index, tmp_path):
    index.save(tmp_path / "index")
    return tmp_path / "index"


def data_folder(saved):
    return saved / json.loads((saved / "manifest.json").read_text(encoding="utf-8"))["data"]


def test_opened_index_is_the_saved_one(index, saved):
    again = Index.open(saved)
    assert again.documents == index.documents
    assert again.paragraphs == index.paragraphs
    assert again.fingerprint == index.fingerprint
    for question in ("2021年会议由谁主持？", "南共体", "asset declaration"):
        assert again.search(question, 5) == index.search(question, 5)


def test_manifest_describes_the_index(index, saved):
    manifest = store.read_manifest(saved)
    assert manifest["format"] == 1
    assert manifest["encoder"] == {"name": "hashing", "fingerprint": "hashing-512-v1", "dimension": 512}
    assert manifest["paragraphs"] == 9
    assert [row["paragraphs"] for row in manifest["documents"]] == [3, 3, 3]
    assert manifest["fingerprint"] == index.fingerprint
    assert set(manifest["files"]) == {path.name for path in data_folder(saved).iterdir()}


def test_saving_twice_leaves_one_generation_and_no_leftovers(index, saved):
    index.save(saved)
    assert len([path for path in saved.iterdir() if path.is_dir()]) == 1
    assert not [path for path in saved.iterdir() if path.name.startswith(".")]


def test_nothing_is_pickled(saved):
    assert not any(b"\x80\x04\x95" in path.read_bytes()[:16] for path in data_folder(saved).iterdir())


def test_missing_index_says_how_to_build_one(tmp_path):
    with pytest.raises(store.IndexNotFound, match="python -m index build"):
        Index.open(tmp_path)


@pytest.mark.parametrize("name", ["words.rows.npy", "paragraphs.jsonl", "dense.faiss.npy"])
def test_changed_file_is_named(saved, name):
    path = data_folder(saved) / name
    content = bytearray(path.read_bytes())
    content[-3] ^= 1
    path.write_bytes(content)
    with pytest.raises(store.IndexDamaged, match=name):
        Index.open(saved)


def test_missing_file_is_named(saved):
    (data_folder(saved) / "groups.npy").unlink()
    with pytest.raises(store.IndexDamaged, match=r"groups\.npy is missing"):
        Index.open(saved)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"format": 99, "fingerprint": "", "data": "", "files": {}}']
)
def test_unreadable_manifest(saved, text):
    (saved / "manifest.json").write_text(text, encoding="utf-8")
    with pytest.raises(store.IndexDamaged, match="Build it again"):
        Index.open(saved)


def test_wrong_encoder_is_refused(saved, monkeypatch):
    with pytest.raises(
        store.EncoderMismatch, match=r"hashing-512-v1, 512 numbers.*hashing-64-v1, 64 numbers"
    ):
        Index.open(saved, encoder=HashingEncoder(64))


def test_failed_save_keeps_the_old_index(index, saved, monkeypatch):
    def fail(*_args, **_kwargs):
        raise OSError("disk full")

    monkeypatch.setattr(store.np, "save", fail)
    with pytest.raises(OSError, match="disk full"):
        index.save(saved)
    monkeypatch.undo()
    assert Index.open(saved).fingerprint == index.fingerprint
    assert not [path for path in saved.iterdir() if path.name.startswith(".")]


def test_index_replaced_while_it_is_read(index, saved, monkeypatch):
    read_files, calls = store._read_files, []

    def replaced_once(folder, manifest):
        calls.append(manifest["data"])
        if len(calls) == 1:
            monkeypatch.setattr(store.os, "getpid", lambda: 123456789)
            index.save(saved)
        return read_files(folder, manifest)

    monkeypatch.setattr(store, "_read_files", replaced_once)
    assert Index.open(saved).fingerprint == index.fingerprint
    assert len(calls) == 2


def test_damaged_characters_survive(tmp_path):
    corpus = small_corpus()
    odd = replace(corpus.paragraphs[0], text="会议\ud800由\x00甲\u2028主持。")
    index = Index.build(SmallCorpus(corpus.documents, (odd, *corpus.paragraphs[1:])))
    index.save(tmp_path)
    again = Index.open(tmp_path)
    assert again.paragraphs[0].text == odd.text
    assert again.search("\ud800甲主持会议", 1)[0].paragraph.id == "r2019#1"


def test_an_index_of_another_version_says_so(saved):
    manifest = json.loads((saved / "manifest.json").read_text(encoding="utf-8"))
    manifest["files"] = {name: value for name, value in manifest["files"].items() if "section_of" not in name}
    (saved / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(store.IndexDamaged, match="another version of this program wrote it"):
        Index.open(saved)
