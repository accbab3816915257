"""The bilingual thesaurus: concepts in tab-separated files beside this module, and query expansion.

Columns: ``id pref_zh alt_zh everyday_zh abbr en alt_en fr broader related kind note``; lists are separated
by ``|``; ``broader`` and ``related`` refer to ids. ``python -m index thesaurus --export skos`` writes SKOS.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from index.normalise import fold

Relation = Literal["same", "narrower", "broader", "related", "defined"]
COLUMNS = (
    "id",
    "pref_zh",
    "alt_zh",
    "everyday_zh",
    "abbr",
    "en",
    "alt_en",
    "fr",
    "broader",
    "related",
    "kind",
    "note",
)
_KINDS = """
body meeting instrument article country crime institution procedure concept person_role document
organ region other
"""
KINDS = frozenset(_KINDS.split())
# How far a variant is trusted to mean the same: official wording, abbreviation, everyday wording.
PREFERRED, ALTERNATIVE, ABBREVIATION, EVERYDAY = 1.0, 0.8, 0.7, 0.6
NEIGHBOUR: Mapping[Relation, float] = {"narrower": 0.3, "broader": 0.2, "related": 0.2}
MAX_NARROWER = 12  # 非洲 has fifty countries below it; expanding to all of them says nothing
_LATIN_WORD = re.compile(r"[a-z0-9]+(?:[.'&][a-z0-9]+)*")
_CHINESE = re.compile(r"[\u3400-\u9fff]")


class ThesaurusError(ValueError):
    """A thesaurus file breaks the format; the message lists every place."""


@dataclass(frozen=True, slots=True)
class Concept:
    """One concept with its names; ``kind`` is one of ``KINDS``."""

    id: str
    pref_zh: str
    alt_zh: tuple[str, ...] = ()
    everyday_zh: tuple[str, ...] = ()
    abbr: tuple[str, ...] = ()
    en: str = ""
    alt_en: tuple[str, ...] = ()
    fr: str = ""
    broader: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    kind: str = "other"
    note: str = ""

    def variants(self) -> Iterator[tuple[str, float]]:
        """Every name of the concept with the trust it deserves."""
        yield self.pref_zh, PREFERRED
        yield from ((name, ALTERNATIVE) for name in self.alt_zh)
        yield from ((name, ABBREVIATION) for name in self.abbr)
        yield from ((name, EVERYDAY) for name in self.everyday_zh)
        yield from ((name, PREFERRED) for name in (self.en, self.fr) if name)
        yield from ((name, ALTERNATIVE) for name in self.alt_en)


@dataclass(frozen=True, slots=True)
class Expansion:
    """A term that may stand for something in the question: what matched, and how much to trust it."""

    matched: str
    term: str
    weight: float
    concept: str
    relation: Relation = "same"


class Thesaurus:
    """Concepts and the look-up from any of their names; immutable after construction."""

    def __init__(self, concepts: Iterable[Concept]) -> None:
        self.concepts: dict[str, Concept] = {concept.id: concept for concept in concepts}
        self._chinese: dict[str, list[tuple[str, float]]] = {}
        self._latin: dict[tuple[str, ...], list[tuple[str, float]]] = {}
        self._narrower: dict[str, list[str]] = {}
        for concept in self.concepts.values():
            for parent in concept.broader:
                self._narrower.setdefault(parent, []).append(concept.id)
            for name, trust in concept.variants():
                self._register(fold(name), concept.id, trust)
        self._longest = max(map(len, self._chinese), default=0)
        self._most_words = max(map(len, self._latin), default=0)

    def _register(self, name: str, concept: str, trust: float) -> None:
        if _CHINESE.search(name):
            self._chinese.setdefault(name.strip('《》"“” '), []).append((concept, trust))
        elif words := latin_words(name):
            self._latin.setdefault(tuple(words), []).append((concept, trust))

    def words(self) -> list[str]:
        """Chinese names that jieba should know: official names and abbreviations, no everyday phrases."""
        names = (name for c in self.concepts.values() for name in (c.pref_zh, *c.alt_zh, *c.abbr))
        return [name for name in names if _CHINESE.search(name) and len(name) <= 8]

    def matches(self, folded: str) -> list[tuple[str, str, float]]:
        """Names found in the folded text as (name, concept id, trust); the longest at each place wins."""
        found: list[tuple[str, str, float]] = []
        for name in self._chinese_names(folded):
            found.extend((name, concept, trust) for concept, trust in self._chinese[name])
        for key, shown in self._latin_names(folded):
            found.extend((shown, concept, trust) for concept, trust in self._latin[key])
        return found

    def _chinese_names(self, folded: str) -> list[str]:
        spans: list[tuple[int, int]] = []
        for start in range(len(folded)):
            for length in range(min(self._longest, len(folded) - start), 1, -1):
                if folded[start : start + length] in self._chinese:
                    spans.append((start, start + length))
                    break
        kept = [s for s in spans if not any(o != s and o[0] <= s[0] and s[1] <= o[1] for o in spans)]
        return list(dict.fromkeys(folded[start:end] for start, end in kept))

    def _latin_names(self, folded: str) -> list[tuple[tuple[str, ...], str]]:
        words = latin_words(folded)
        found, start = [], 0
        while start < len(words):
            for length in range(min(self._most_words, len(words) - start), 0, -1):
                key = tuple(words[start : start + length])
                if key in self._latin:
                    found.append((key, " ".join(key)))
                    start += length
                    break
            else:
                start += 1
        return list(dict.fromkeys(found))

    def expand(self, folded: str) -> list[Expansion]:
        """Terms for the concepts named in the folded text, best first; each term once."""
        best: dict[str, Expansion] = {}
        for name, concept_id, trust in self.matches(folded):
            for expansion in self._names_of(name, concept_id, trust):
                old = best.get(expansion.term)
                if expansion.term != name and (old is None or old.weight < expansion.weight):
                    best[expansion.term] = expansion
        return sorted(best.values(), key=lambda e: (-e.weight, e.term))

    def _names_of(self, name: str, concept_id: str, trust: float) -> Iterator[Expansion]:
        concept = self.concepts[concept_id]
        # documents are written in official Chinese: everyday wording and other languages lead into the
        # thesaurus, not out of it
        names = [(concept.pref_zh, PREFERRED), *((n, ALTERNATIVE) for n in concept.alt_zh)]
        for variant, weight in [*names, *((n, ABBREVIATION) for n in concept.abbr)]:
            yield Expansion(name, fold(variant), round(trust * weight, 3), concept_id)
        narrower = self._narrower.get(concept_id, ())
        near: list[tuple[Relation, Sequence[str]]] = [
            ("narrower", narrower if len(narrower) <= MAX_NARROWER else ()),
            ("broader", concept.broader),
            ("related", concept.related),
        ]
        for relation, ids in near:
            for other in (self.concepts[i] for i in ids if i in self.concepts):
                for variant in (other.pref_zh, *other.alt_zh[:1]):
                    weight = round(trust * NEIGHBOUR[relation], 3)
                    yield Expansion(name, fold(variant), weight, other.id, relation)


def latin_words(folded: str) -> list[str]:
    """Words in Latin letters with plural endings taken off, so that ``bodies`` meets ``body``."""
    return [singular(word) for word in _LATIN_WORD.findall(folded)]


def singular(word: str) -> str:
    """A rough singular: good enough to meet itself."""
    word = word.removesuffix("'s")
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("ches", "shes", "sses", "xes")):
        return word[:-2]
    return (
        word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")) else word
    )


def read_concepts(folder: Path | None = None) -> list[Concept]:
    """All concepts of the ``*.tsv`` files; ``ThesaurusError`` lists lines that do not fit the format."""
    concepts: list[Concept] = []
    errors: list[str] = []
    for path in sorted((folder or Path(__file__).parent).glob("*.tsv")):
        lines = path.read_text(encoding="utf-8").split("\n")
        if tuple(lines[0].rstrip("\r").split("\t")) != COLUMNS:
            errors.append(f"{path.name}:1: the header is not {' '.join(COLUMNS)}")
            continue
        for number, line in enumerate(lines[1:], 2):
            if line.strip():
                try:
                    concepts.append(_concept(line.rstrip("\r")))
                except ValueError as error:
                    errors.append(f"{path.name}:{number}: {error}")
    if errors:
        raise ThesaurusError("\n".join(errors))
    return concepts


def _concept(line: str) -> Concept:
    cells = [cell.strip() for cell in line.split("\t")]
    if len(cells) > len(COLUMNS):
        raise ValueError(f"{len(cells)} cells, expected {len(COLUMNS)}")
    row = dict(zip(COLUMNS, cells + [""] * (len(COLUMNS) - len(cells)), strict=True))
    if not row["id"] or not row["pref_zh"]:
        raise ValueError("an entry needs an id and a preferred Chinese term")
    lists = {name: tuple(part.strip() for part in row[name].split("|") if part.strip())
             for name in ("alt_zh", "everyday_zh", "abbr", "alt_en", "broader", "related")}  # fmt: skip
    single = {name: row[name] for name in ("id", "pref_zh", "en", "fr", "kind", "note")}
    return Concept(**single, **lists)  # type: ignore[arg-type]


def problems(concepts: Sequence[Concept]) -> list[str]:
    """What is wrong with the concepts as a whole: one line for each fault, [] when sound."""
    found: list[str] = []
    ids = {c.id for c in concepts}
    seen: dict[str, str] = {}
    seen_ids: set[str] = set()
    for c in concepts:
        if c.id in seen_ids:
            found.append(f"{c.id}: the id is used twice")
        seen_ids.add(c.id)
        if (other := seen.setdefault(fold(c.pref_zh), c.id)) != c.id:
            found.append(f"{c.id}: preferred term {c.pref_zh!r} is also that of {other}")
        if not _CHINESE.search(c.pref_zh) or not re.search(r"[A-Za-z]", c.en):
            found.append(f"{c.id}: needs a Chinese and an English term, has {c.pref_zh!r} and {c.en!r}")
        if c.kind not in KINDS:
            found.append(f"{c.id}: unknown kind {c.kind!r}")
        found.extend(f"{c.id}: refers to unknown {i!r}" for i in (*c.broader, *c.related) if i not in ids)
    return found + [f"{cycle}: is broader than itself" for cycle in _cycles(concepts)]


def _cycles(concepts: Sequence[Concept]) -> list[str]:
    parents = {c.id: c.broader for c in concepts}
    in_cycle = []
    for start in parents:
        reached, queue = set(), list(parents[start])
        while queue:
            node = queue.pop()
            if node not in reached:
                reached.add(node)
                queue.extend(parents.get(node, ()))
        if start in reached:
            in_cycle.append(start)
    return in_cycle


def to_skos(concepts: Sequence[Concept], base: str = "https://example.org/thesaurus/") -> str:
    """The concepts as SKOS in Turtle: everyday wording and abbreviations are hidden labels."""
    lines = ["@prefix skos: <http://www.w3.org/2004/02/skos/core#> .", ""]
    for c in concepts:
        rows = [("prefLabel", c.pref_zh, "zh"), ("prefLabel", c.en, "en"), ("prefLabel", c.fr, "fr")]
        rows += [("altLabel", name, "zh") for name in c.alt_zh] + [
            ("altLabel", name, "en") for name in c.alt_en
        ]
        rows += [("hiddenLabel", name, "zh") for name in (*c.everyday_zh, *c.abbr)]
        rows += [("scopeNote", c.note, "zh")]
        facts = [f"skos:{name} {_literal(text)}@{lang}" for name, text, lang in rows if text]
        facts += [f"skos:broader <{base}{i}>" for i in c.broader] + [
            f"skos:related <{base}{i}>" for i in c.related
        ]
        lines.append(f"<{base}{c.id}> a skos:Concept ;\n    " + " ;\n    ".join(facts) + " .\n")
    return "\n".join(lines)


def _literal(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


@lru_cache(maxsize=1)
def bundled() -> Thesaurus:
    """The thesaurus that ships with the project, read once."""
    return Thesaurus(read_concepts())
