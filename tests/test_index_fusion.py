"""The ranker: explanations add up, learning finds the signal, weights are readable."""

import json

import numpy as np
import pytest

from index.duplicates import duplicate_groups
from index.fusion import FEATURES, LEAST, RANKER_FILE, SWITCHES, Ranker, _gradient, bundled_ranker, train
from index.learning import measures
from index.scoring import order_of


def test_parts_add_up_to_the_score():
    ranker = Ranker.from_mapping({"words": 2.0, "dense": 0.5})
    row = np.zeros(len(FEATURES), np.float32)
    row[list(FEATURES).index("words")], row[list(FEATURES).index("dense")] = 0.5, 0.4
    assert ranker.scores(row[None])[0] == pytest.approx(1.2)
    assert ranker.parts(row) == {"words": 1.0, "dense": 0.2}


def test_unknown_features_are_refused():
    with pytest.raises(ValueError, match="colour"):
        Ranker.from_mapping({"colour": 1.0})


def test_bundled_weights_are_for_known_features():
    weights = json.loads(RANKER_FILE.read_text(encoding="utf-8"))["weights"]
    assert set(weights) <= set(FEATURES)
    assert bundled_ranker().weights.max() > 0


def test_every_switch_names_known_features():
    assert {name for names in SWITCHES.values() for name in names} <= set(FEATURES)


def test_gradient_equals_finite_differences():
    random = np.random.default_rng(0)
    batch = random.random((3, 5, len(FEATURES)))
    real = np.ones((3, 5), bool)
    right = np.zeros((3, 5), bool)
    right[:, 0], right[1, 2] = True, True
    weights = random.random(len(FEATURES))

    def loss(w):
        scores = np.exp(batch @ w)
        return -np.log((scores * right).sum(1) / scores.sum(1)).mean()

    step = 1e-6
    numeric = [
        (loss(weights + step * e) - loss(weights - step * e)) / (2 * step) for e in np.eye(len(FEATURES))
    ]
    assert _gradient(batch, real, right, weights) == pytest.approx(numeric, abs=1e-6)


def test_training_finds_the_feature_that_tells():
    random = np.random.default_rng(1)
    names = list(FEATURES)
    features, relevant = [], []
    for _ in range(40):
        x = random.random((12, len(names))).astype(np.float32)
        x[0, names.index("section")] = 1.5
        x[:, [names.index(name) for name in LEAST]] = 0
        features.append(x)
        relevant.append(np.arange(12) == 0)
    ranker = train(features, relevant, pull=0.0)
    learned = {name: weight for name, weight in zip(names, ranker.weights, strict=True) if name not in LEAST}
    assert max(learned, key=learned.get) == "section"
    assert all(ranker.weights[names.index(name)] == pytest.approx(least) for name, least in LEAST.items())
    assert all(ranker.scores(x).argmax() == 0 for x in features)
    assert (ranker.weights >= 0).all()
    with pytest.raises(ValueError, match="nothing to learn"):
        train(features, [np.zeros(12, bool)] * 40)


def test_order_moves_copies_down_but_keeps_them():
    scores = np.array([5.0, 4.9, 4.8, 3.0, 2.0, 1.0], np.float32)
    groups = np.array([7, 7, 7, -1, -1, -1], np.int32)
    order = order_of(scores, groups, np.arange(6)).tolist()
    assert order[:2] == [0, 3]
    assert sorted(order) == list(range(6))
    plain = order_of(scores, np.full(6, -1, np.int32), np.arange(6)).tolist()
    assert plain == [0, 1, 2, 3, 4, 5]


def test_ties_go_to_the_earlier_paragraph():
    order = order_of(np.ones(3, np.float32), np.full(3, -1, np.int32), np.array([9, 4, 6]))
    assert order.tolist() == [1, 2, 0]


def test_near_duplicates_are_grouped():
    base = "缔约国会议在该决议中强调了预防措施的重要性，并请秘书处在可获得预算外资源的前提下继续作为国际观察站开展工作。"
    texts = [
        base,
        base.replace("强调了", "重申了"),
        "会议由主席主持，来自四十个国家的代表出席了在维也纳国际中心举行的开幕式。",
        "短",
    ]
    groups = duplicate_groups(texts, np.arange(4)).tolist()
    assert groups[0] == groups[1] == 0
    assert groups[2:] == [-1, -1]
    assert duplicate_groups([], np.zeros(0, np.int64)).tolist() == []
    assert duplicate_groups(texts, np.zeros(4, np.int64)).tolist() == [-1] * 4  # of one document: no copies


def test_measures_by_hand():
    assert measures([1, 2, 0, 6]) == {
        "n": 4, "hit@1": 0.25, "hit@5": 0.5, "hit@10": 0.75, "mrr": round((1 + 1 / 2 + 1 / 6) / 4, 4)
    }  # fmt: skip
