"""FAISS search against plain numpy, on values."""

import numpy as np
import pytest

from index import dense
from index.dense import DenseIndex, windows
from index.encoder import unit_rows


def some_vectors(count, dimension=24, seed=1):
    return unit_rows(np.random.default_rng(seed).normal(size=(count, dimension)).astype(np.float32))


def best_windows(vectors, owners, query):
    values = vectors @ query
    return {row: values[owners == row].max() for row in np.unique(owners)}


def test_search_equals_numpy():
    vectors, owners = some_vectors(50), np.repeat(np.arange(25), 2)
    query = some_vectors(1, seed=9)[0]
    expected = best_windows(vectors, owners, query)
    rows, values = DenseIndex.build(vectors, owners).search(query, 25)
    assert dict(zip(rows.tolist(), values.tolist(), strict=True)) == pytest.approx(expected, abs=1e-5)
    assert values.tolist() == sorted(values.tolist(), reverse=True)


def test_identical_direction_has_similarity_one():
    index = DenseIndex.build(unit_rows(np.array([[2.0, 0.0], [0.0, 3.0]], np.float32)), [0, 1])
    rows, values = index.search(np.array([1.0, 0.0], np.float32), 2)
    assert rows.tolist() == [0, 1]
    assert values == pytest.approx([1.0, 0.0], abs=1e-6)


def test_similarities_of_chosen_rows_take_the_best_window():
    vectors, owners = some_vectors(30), np.repeat(np.arange(10), 3)
    query = some_vectors(1, seed=5)[0]
    expected = best_windows(vectors, owners, query)
    rows = np.array([7, 2, 9])
    found = DenseIndex.build(vectors, owners).similarities(query, rows)
    assert found == pytest.approx([expected[7], expected[2], expected[9]], abs=1e-5)
    assert DenseIndex.build(vectors, owners).similarities(query, rows[:0]).tolist() == []


def test_inverted_lists_give_true_similarities_and_find_nearly_all(monkeypatch):
    monkeypatch.setattr(dense, "FLAT_LIMIT", 500)
    vectors, owners = some_vectors(3000, 16), np.arange(3000)
    index = DenseIndex.build(vectors, owners)
    assert index.faiss_index.nlist > 1
    queries = some_vectors(20, 16, seed=4)
    recall = []
    for query in queries:
        rows, values = index.search(query, 10)
        assert values == pytest.approx(vectors[rows] @ query, abs=1e-5)
        recall.append(len(set(rows) & set(np.argsort(-(vectors @ query))[:10])) / 10)
    assert np.mean(recall) > 0.6  # random vectors have no clusters: the worst case for inverted lists
    again = DenseIndex.from_bytes(index.to_bytes(), owners)
    assert again.search(queries[0], 5)[0].tolist() == index.search(queries[0], 5)[0].tolist()
    assert again.vectors() == pytest.approx(vectors)


def test_saved_index_gives_the_same_vectors():
    vectors = some_vectors(6)
    index = DenseIndex.build(vectors, np.arange(6))
    assert DenseIndex.from_bytes(index.to_bytes(), np.arange(6)).vectors() == pytest.approx(vectors)


def test_wrong_number_of_owners_is_refused():
    with pytest.raises(ValueError, match="6 vectors but 5 owners"):
        DenseIndex.build(some_vectors(6), np.arange(5))


def test_windows_cut_at_sentences_and_lose_nothing():
    text = "".join(f"第{i}句话写在这里。" for i in range(40))
    parts = windows(text, 60)
    assert max(map(len, parts)) <= 60
    assert all(f"第{i}句话写在这里。" in "".join(parts) for i in range(40))
    assert all(part.endswith("。") for part in parts)
    assert windows("短。", 60) == ["短。"]
    assert "".join(windows("无" * 150, 60)) == "无" * 150
