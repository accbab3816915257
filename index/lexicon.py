"""English words and the Chinese words that translate them, learned from United Nations sentence pairs.

The thesaurus knows names and terms; a question also holds ordinary words (chaired, building, asked). The
table ``lexicon_en_zh.tsv`` holds for an English word its likely Chinese words with their probabilities:
IBM Model 1 (Brown et al. 1993) in both directions, the product of the two kept where it is high enough.
It was learned from sentences of the United Nations Parallel Corpus v1.0 (Ziemski, Junczys-Dowmunt and
Pouliquen 2016), whose terms ask for this attribution; no sentence of it is in the table.

python -m index lexicon --pairs ../shared/data/pairs/un_enzh.jsonl.gz -o index/lexicon_en_zh.tsv
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.normalise import fold
from index.thesaurus import bundled, latin_words
from index.tokens import STOP_WORDS, Tokeniser

LEXICON_FILE = Path(__file__).with_name("lexicon_en_zh.tsv")
ITERATIONS = 8
SHORTEST_STEM = 3
LONGEST = 60  # words; longer sentences say little about which word goes with which
SEEN = 2  # a pair of words must share this many sentences
LEAST = 0.02  # product of the two probabilities
KEPT = 4
_CHINESE = re.compile(r"[\u3400-\u9fff]")


@lru_cache(maxsize=1)
def bundled_lexicon() -> Mapping[str, tuple[tuple[str, float], ...]]:
    """English stem (see ``stem``) -> (Chinese word, probability), best first."""
    table: dict[str, tuple[tuple[str, float], ...]] = {}
    for line in LEXICON_FILE.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            english, *translations = line.split("\t")
            pairs = (entry.rsplit("=", 1) for entry in translations)
            table[english] = tuple((chinese, float(probability)) for chinese, probability in pairs)
    return table


def stem(word: str) -> str:
    """A key under which the forms of an English verb or noun meet: published, publishing, publishes."""
    for ending in ("ing", "ed", "es", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= SHORTEST_STEM:
            word = word.removesuffix(ending)
            break
    doubled = len(word) > SHORTEST_STEM and word[-1] == word[-2] and word[-1] not in "lsz"
    return word[:-1] if doubled else word


def content_stems(folded: str) -> list[str]:
    """Stems of the English words of the folded text, function words left out."""
    return [stem(word) for word in latin_words(folded) if word not in STOP_WORDS and word.isalpha()]


def sentence_pairs(path: Path) -> Iterator[tuple[list[str], list[str]]]:
    """(Chinese words, English words) of each pair in a gzip file of ``{"q", "p"}`` lines."""
    tokeniser = Tokeniser(bundled().words())
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for row in map(json.loads, file):
            chinese, english = sorted(
                (fold(row["q"]), fold(row["p"])), key=lambda t: -len(_CHINESE.findall(t))
            )
            zh = [word for word in dict.fromkeys(tokeniser.words(chinese)) if _CHINESE.search(word)]
            en = list(dict.fromkeys(content_stems(english)))
            if 0 < len(zh) <= LONGEST and 0 < len(en) <= LONGEST:
                yield zh, en


def learn_lexicon(pairs: Iterable[tuple[list[str], list[str]]]) -> dict[str, list[tuple[str, float]]]:
    """IBM Model 1 both ways over the pairs; the translations worth keeping of each English word."""
    zh_ids: dict[str, int] = {}
    en_ids: dict[str, int] = {}
    zh_links, en_links, zh_words, en_words = [], [], [], []
    position = [0, 0]
    for zh, en in pairs:
        z = np.array([zh_ids.setdefault(word, len(zh_ids)) for word in zh])
        e = np.array([en_ids.setdefault(word, len(en_ids)) for word in en])
        zh_links.append(np.repeat(z, len(e)))
        en_links.append(np.tile(e, len(z)))
        # which word of which sentence a link belongs to: what the probabilities are normalised over
        zh_words.append(np.repeat(position[0] + np.arange(len(z)), len(e)))
        en_words.append(np.tile(position[1] + np.arange(len(e)), len(z)))
        position = [position[0] + len(z), position[1] + len(e)]
    z, e = np.concatenate(zh_links), np.concatenate(en_links)
    key = e.astype(np.int64) * len(zh_ids) + z
    kinds, link = np.unique(key, return_inverse=True)
    en_of, zh_of = np.divmod(kinds, len(zh_ids))
    to_zh = _model1(link, np.concatenate(zh_words), en_of, len(kinds))
    to_en = _model1(link, np.concatenate(en_words), zh_of, len(kinds))
    together = np.bincount(link, minlength=len(kinds))
    score = np.where(together >= SEEN, to_zh * to_en, 0.0)
    chinese, english = list(zh_ids), list(en_ids)
    found: dict[str, list[tuple[str, float]]] = {}
    for i in np.flatnonzero(score >= LEAST):
        found.setdefault(english[en_of[i]], []).append((chinese[zh_of[i]], float(np.sqrt(score[i]))))
    return {word: sorted(entries, key=lambda x: -x[1])[:KEPT] for word, entries in sorted(found.items())}


def _model1(
    link: NDArray[np.int64], explained: NDArray[np.int64], giver: NDArray[np.int64], kinds: int
) -> NDArray[np.float64]:
    """Probability of the explained word given the giving word, for each kind of link; shape ``[kinds]``."""
    probability = np.ones(kinds)
    for _ in range(ITERATIONS):
        value = probability[link]
        share = value / np.bincount(explained, value)[explained]
        counts = np.bincount(link, share, minlength=kinds)
        probability = counts / np.bincount(giver, counts)[giver]
    return probability


def write_lexicon(table: Mapping[str, Iterable[tuple[str, float]]], path: Path) -> None:
    """Write the table: an English word a line, then ``Chinese=probability`` cells."""
    lines = ["# English stem, then Chinese words with their probability; see index/lexicon.py"]
    lines += ["\t".join([word, *(f"{zh}={p:.2f}" for zh, p in entries)]) for word, entries in table.items()]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
