"""Joining our own token vectors with those of a pretrained encoder."""

import gzip
import json

import numpy as np
import pytest

from training.data import digest, heldout
from training.pretrained import encode_tokens, join


def test_tokens_of_one_meaning_are_near_in_the_pretrained_vectors_and_unknown_characters_are_told():
    vectors, known = encode_tokens(["会议", "meeting", "香蕉", "贿赂"])
    assert vectors.shape == (4, 512)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2] + 0.2
    assert known.tolist() == [True, True, True, False]


def test_join_keeps_what_either_side_tells_apart():
    rng = np.random.default_rng(0)
    own, other = rng.normal(size=(60, 6)), rng.normal(size=(60, 8))
    own[1], other[3] = own[0], other[2]
    known = np.ones(60, bool)
    joined = join(own, other, known, np.full(60, 100), 14)
    assert np.linalg.norm(joined, axis=1) == pytest.approx(np.ones(60), abs=1e-5)
    # equal on one side, unrelated on the other: about half alike; no pair is taken for the same
    assert 0.2 < joined[0] @ joined[1] < 0.9
    assert 0.2 < joined[2] @ joined[3] < 0.9


def test_a_token_the_encoder_cannot_spell_is_guessed_from_its_likes():
    rng = np.random.default_rng(1)
    own = rng.normal(size=(200, 5))
    other = own @ rng.normal(size=(5, 7))
    known = np.ones(200, bool)
    known[7] = False
    spoilt = other.copy()
    spoilt[7] = 100.0
    assert (
        join(own, spoilt, known, np.full(200, 100), 6)[7] @ join(own, other, known, np.full(200, 100), 6)[7]
        > 0.9
    )


def test_held_out_rows_hold_only_development_passages(tmp_path):
    (tmp_path / "pairs").mkdir()
    pairs = [{"q": f"第{n}件事是什么？", "p": f"第{n}件事写在第{n}页上。"} for n in range(200)]
    with gzip.open(tmp_path / "pairs" / "cmrc2018_train.jsonl.gz", "wt", encoding="utf-8") as out:
        out.writelines(json.dumps(pair, ensure_ascii=False) + "\n" for pair in pairs)
    rows = list(heldout(tmp_path))
    held = [pair for pair in pairs if int(digest(pair["p"]), 16) % 20 == 0]
    assert held
    assert sorted(row["passage"] for row in rows) == sorted(pair["p"] for pair in held)
    assert sorted(row["questions"] for row in rows) == sorted([pair["q"]] for pair in held)
