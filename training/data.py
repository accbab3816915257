"""Training data: question-passage pairs, raw text, written questions and the split into train and dev.

The outside sets live in ``../shared/data`` (see its README for sources and licences); the questions and
term pairs written for this project live in ``training/data``. Nothing here opens ``eval/`` or the real
documents: those are only for measuring.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

OWN_DATA = Path(__file__).parent / "data"
PASSAGE_CHARS = 600  # a passage is cut here: what follows adds time and blurs an averaged vector


@dataclass(frozen=True, slots=True)
class PairSet:
    """A set of pairs and how it is used: ``share`` is its part of a batch, ``kind`` labels dev figures."""

    name: str
    share: float
    kind: str  # "question", "heading", "neighbour", "translation"


# Shares follow what a search engine sees: questions first, headings and neighbouring sentences only as
# filler, because earlier runs showed that they teach topic and not paraphrase.
PAIR_SETS: tuple[PairSet, ...] = (
    PairSet("lawyer_llama", 0.20, "question"),
    PairSet("cited_articles", 0.09, "question"),
    PairSet("cmrc2018_train", 0.10, "question"),
    PairSet("drcd_dev", 0.01, "question"),
    PairSet("squad2_zh_dev", 0.05, "question"),
    PairSet("lawbench_lexeval_qa", 0.02, "question"),
    PairSet("quiz_zh", 0.01, "question"),
    PairSet("un_enzh", 0.16, "translation"),
    PairSet("un_ict", 0.03, "neighbour"),
    PairSet("law_head", 0.06, "heading"),
    PairSet("law_ict", 0.05, "neighbour"),
    PairSet("tw_law_head", 0.01, "heading"),
    PairSet("tw_law_ict", 0.02, "neighbour"),
    PairSet("tw_gazette_title", 0.02, "heading"),
    PairSet("ms_docs", 0.02, "heading"),
    PairSet("cloud_docs", 0.01, "heading"),
    PairSet("tech_docs", 0.02, "heading"),
    PairSet("written", 0.06, "question"),
    PairSet("terms", 0.04, "translation"),
    PairSet("reworded", 0.14, "question"),
)
RAW_SETS = ("laws", "un_zh")
OWN_SETS = ("cited_articles", "written", "terms", "reworded")  # made here, of texts that are read elsewhere
# the large sets of headings and neighbours are thinned: with their small shares more would never be reached
FILLERS = frozenset(pair_set.name for pair_set in PAIR_SETS if pair_set.kind in ("heading", "neighbour"))
FILLER_PAIRS = 20_000


@dataclass(frozen=True, slots=True)
class Pair:
    """A query and the passage that answers it (or its translation, or its neighbour)."""

    query: str
    passage: str


def digest(text: str) -> str:
    """The first 12 hex digits of the SHA-1 of ``text``: how written questions name their passage."""
    return hashlib.sha1(text.encode()).hexdigest()[:12]


def read_jsonl(path: Path) -> Iterator[dict]:
    """The objects of a JSON Lines file, gzipped or not."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                yield json.loads(line)


def read_pairs(data_dir: Path, name: str, limit: int | None = None, *, thin: bool = True) -> list[Pair]:
    """The pairs of one set, fillers thinned; an empty list when the set is not there."""
    if name == "cited_articles":
        pairs = cited_articles(data_dir)
    elif name == "written":
        pairs = written_pairs(data_dir)
    elif name == "terms":
        pairs = term_pairs()
    elif name == "reworded":
        pairs = reworded_pairs(data_dir)
    else:
        path = data_dir / "pairs" / f"{name}.jsonl.gz"
        rows = read_jsonl(path) if path.exists() else iter(())
        pairs = [Pair(row["q"].strip(), row["p"].strip()) for row in rows]
    pairs = [pair for pair in pairs if pair.query and pair.passage and pair.query != pair.passage]
    step = max(1, len(pairs) // FILLER_PAIRS) if thin and name in FILLERS else 1
    return pairs[::step][:limit]


def raw_texts(data_dir: Path) -> Iterator[str]:
    """Every text once, for counting words and training word vectors: raw sets, then both sides of pairs."""
    seen: set[int] = set()
    for name in RAW_SETS:
        path = data_dir / "text" / f"{name}.jsonl.gz"
        for row in read_jsonl(path) if path.exists() else ():
            yield from _unseen(row["text"].split("\n"), seen)
    for pair_set in PAIR_SETS:
        # law_* repeat the raw laws; a fifth of the gazette is enough of its formulas
        if pair_set.name.startswith("law_") or pair_set.name in OWN_SETS:
            continue
        step = 5 if pair_set.name == "tw_gazette_title" else 1
        for pair in read_pairs(data_dir, pair_set.name, thin=False)[::step]:
            yield from _unseen((pair.query, pair.passage), seen)


def _unseen(texts: list[str] | tuple[str, ...], seen: set[int]) -> Iterator[str]:
    for text in texts:
        key = hash(text)
        if text.strip() and key not in seen:
            seen.add(key)
            yield text


# --- statute articles cited in lawyers' answers ---

_CITATION = re.compile(r"《(?:中华人民共和国)?([^》]{2,20})》第([一二三四五六七八九十百千零]+)条")
_ARTICLE = re.compile(r"^第([一二三四五六七八九十百千零]+)条[ \u3000]*(.*)$", re.M)


def cited_articles(data_dir: Path) -> list[Pair]:
    """Lay questions with the statute article that the lawyer's answer cites.

    The answers were written by a language model and some cite a wrong number, so an article counts only
    when it shares enough character pairs with the answer. Articles that are gold in the outside statute test
    are left out by name (``training/data/excluded_articles.txt``).
    """
    laws = data_dir / "text" / "laws.jsonl.gz"
    answers = data_dir / "pairs" / "lawyer_llama.jsonl.gz"
    if not laws.exists() or not answers.exists():
        return []
    articles = _articles(laws)
    excluded = set((OWN_DATA / "excluded_articles.txt").read_text().split())
    pairs = []
    for row in read_jsonl(answers):
        for law, number in _CITATION.findall(row["p"]):
            best = max(articles.get((law, number), ()), key=lambda text: _overlap(text, row["p"]), default="")
            if best and _overlap(best, row["p"]) > 0.35 and f"{law}第{number}条" not in excluded:
                pairs.append(Pair(row["q"], best))
    return pairs


def _articles(laws: Path) -> dict[tuple[str, str], list[str]]:
    found: dict[tuple[str, str], list[str]] = {}
    for row in read_jsonl(laws):
        law = re.sub(r"^中华人民共和国|（.*?）|\(.*?\)", "", row["title"])
        for number, text in _ARTICLE.findall(row["text"]):
            if len(text) > 15:
                found.setdefault((law, number), []).append(text)
    return found


def _overlap(text: str, other: str) -> float:
    """The part of the character pairs of ``text`` that ``other`` contains."""
    pairs = {text[i : i + 2] for i in range(len(text) - 1)}
    return sum(pair in other for pair in pairs) / max(len(pairs), 1)


# --- questions and terms written for this project ---


def passages_by_digest(data_dir: Path) -> dict[str, str]:
    """Digest -> passage text of every UN segment and every statute article in the raw sets."""
    table: dict[str, str] = {}
    path = data_dir / "text" / "un_zh.jsonl.gz"
    for row in read_jsonl(path) if path.exists() else ():
        for text in [row["text"], *row["text"].split("\n")]:
            table[digest(text)] = text
    path = data_dir / "text" / "laws.jsonl.gz"
    for row in read_jsonl(path) if path.exists() else ():
        for _, text in _ARTICLE.findall(row["text"]):
            table.setdefault(digest(text), text)
    return table


def written_rows() -> list[dict]:
    """Lines of ``training/data/questions_*.jsonl``: a passage by digest, its questions, maybe "negatives"."""
    return [row for path in sorted(OWN_DATA.glob("questions_*.jsonl")) for row in read_jsonl(path)]


def written_pairs(data_dir: Path) -> list[Pair]:
    """The written questions joined with the passages that they name."""
    passages = passages_by_digest(data_dir)
    rows = [row for row in written_rows() if row["passage"] in passages]
    return [Pair(question, passages[row["passage"]]) for row in rows for question in row["questions"]]


def written_negatives(data_dir: Path) -> list[Pair]:
    """Written questions with a passage that looks alike and does not answer, chosen by hand."""
    passages = passages_by_digest(data_dir)
    return [
        Pair(question, passages[negative])
        for row in written_rows()
        for negative in row.get("negatives", ())
        if negative in passages
        for question in row["questions"]
    ]


def term_groups() -> list[list[str]]:
    """Groups of expressions for one thing, Chinese and English: the names of each thesaurus concept."""
    groups = []
    columns = ("pref_zh", "alt_zh", "everyday_zh", "abbr", "en", "alt_en")
    for path in sorted((OWN_DATA.parents[1] / "index" / "thesaurus").glob("*.tsv")):
        header, *lines = [
            line for line in path.read_text(encoding="utf-8").splitlines() if line[:1] not in ("", "#")
        ]
        names = header.split("\t")
        for line in lines:
            cells = dict(zip(names, line.split("\t"), strict=False))
            terms = [term.strip() for column in columns for term in cells.get(column, "").split("|")]
            groups.append([term for term in dict.fromkeys(terms) if term])
    return [group for group in groups if len(group) > 1]


def term_pairs() -> list[Pair]:
    """Every ordered pair (first expression, another) of each term group, both ways."""
    pairs = []
    for first, *others in term_groups():
        for other in others:
            pairs += [Pair(first, other), Pair(other, first)]
    return pairs


def reworded_pairs(data_dir: Path, *, most: int = 60_000, seed: int = 5) -> list[Pair]:
    """Keyword queries that ask for a passage in other words: its terms, replaced by others of their groups.

    Two to five terms of the passage, each as a synonym, an everyday expression or in English (a quarter of
    the queries wholly in English): asked for without its own words, as no outside set teaches it.
    """
    rng = random.Random(seed)
    groups: dict[str, list[str]] = {}
    for group in term_groups():
        for term in group:
            if 2 <= len(term) <= 12 and not term.isascii():
                groups.setdefault(term, group)
    passages = [text for text in passages_by_digest(data_dir).values() if 40 <= len(text) <= PASSAGE_CHARS]
    pairs = []
    for passage in rng.sample(passages, min(most, len(passages))):
        found = _terms_in(passage, groups)
        if len(found) >= 2:
            chosen = rng.sample(found, min(len(found), rng.randint(2, 5)))
            query = _reworded(chosen, groups, rng, english=rng.random() < 0.25)
            pairs.append(Pair(query, passage))
    return pairs


def _terms_in(passage: str, groups: dict[str, list[str]]) -> list[str]:
    """The terms of a passage, longest first at each place, each once."""
    found, place = [], 0
    while place < len(passage):
        term = next(
            (passage[place : place + n] for n in range(12, 1, -1) if passage[place : place + n] in groups), ""
        )
        if term:
            found.append(term)
        place += len(term) or 1
    return list(dict.fromkeys(found))


def _reworded(terms: list[str], groups: dict[str, list[str]], rng: random.Random, *, english: bool) -> str:
    words = []
    for term in terms:
        others = [other for other in groups[term] if other != term and other.isascii() == english]
        words.append(rng.choice(others) if others else term)
    return " ".join(words)


# --- split ---

DEV_PARTS = {
    "lawyer_llama": 300,
    "cited_articles": 300,
    "cmrc2018_train": 300,
    "squad2_zh_dev": 150,
    "un_enzh": 500,
    "written": 400,
}


def is_dev(pair: Pair, every: int = 20) -> bool:
    """Whether a pair is for development: decided by its passage, so no dev passage is trained on."""
    return int(digest(pair.passage), 16) % every == 0


HELD_OUT = {"written": 300, "cited_articles": 100, "squad2_zh_dev": 60, "cmrc2018_train": 60}


def heldout(data_dir: Path, *, others: int = 5000, seed: int = 0) -> Iterator[dict]:
    """Rows ``{"passage", "questions"}`` of development pairs, which the model never trained on.

    At most as many pairs of a set as ``HELD_OUT`` says, and ``others`` passages without questions, so that
    the ranker (``python -m index train --passages``) also learns from text unlike our documents.
    """
    rng = random.Random(seed)
    asked: dict[str, list[str]] = {}
    for name, most in HELD_OUT.items():
        pairs = [pair for pair in read_pairs(data_dir, name) if is_dev(pair)]
        for pair in rng.sample(pairs, min(most, len(pairs))):
            asked.setdefault(pair.passage, []).append(pair.query)
    pool = sorted(set(passages_by_digest(data_dir).values()) - set(asked))
    for passage in rng.sample(pool, min(others, len(pool))):
        asked[passage] = []
    for passage, questions in asked.items():
        yield {"passage": passage, "questions": questions}
