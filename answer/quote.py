"""Does a sentence of a draft stand in the documents: word for word, nearly so, or not at all?"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any, Literal

from answer.evidence import Searchable
from answer.sentences import normalise, split_sentences
from ingest import Paragraph

QuoteVerdict = Literal["verbatim", "near", "absent"]
NEAR = 0.72  # similarity from which a passage counts as the one that was meant
SCANNED = 5000  # up to this many paragraphs are all looked through for an exact match


@dataclass(frozen=True, slots=True)
class Change:
    """One stretch compared: ``same``, ``missing`` (document only) or ``added`` (draft only)."""

    kind: Literal["same", "missing", "added"]
    text: str


@dataclass(frozen=True, slots=True)
class QuoteMatch:
    """A passage of a document beside the draft.

    ``text[start:end]`` of the paragraph is ``quote``; ``similarity`` is in [0, 1]; ``changes`` lead from
    the document's wording to the draft's, character by character.
    """

    paragraph_id: str
    label: str
    quote: str
    start: int
    end: int
    similarity: float
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class QuoteCheck:
    """The result for one draft sentence; ``matches`` are best first (all places of a verbatim quotation)."""

    text: str
    verdict: QuoteVerdict
    matches: tuple[QuoteMatch, ...]


def verify_quote(text: str, index: Searchable) -> QuoteCheck:
    """Look for a draft's sentence in the documents.

    White space, full-width forms and the kind of quotation marks make no difference. An empty text is
    absent, without matches.
    """
    wanted = normalise(_unquoted(text)).text.rstrip("。.;,")
    if not wanted:
        return QuoteCheck(text, "absent", ())
    found = [hit.paragraph for hit in index.search(text, 30)]
    exact = list(_exact(wanted, _looked_through(found, index), index))
    if exact:
        return QuoteCheck(text, "verbatim", tuple(exact[:10]))
    near = sorted((_near(wanted, paragraph, index) for paragraph in found[:12]), key=lambda m: -m.similarity)
    verdict: QuoteVerdict = "near" if near and near[0].similarity >= NEAR else "absent"
    return QuoteCheck(
        text, verdict, tuple(m for m in near[:3] if verdict == "absent" or m.similarity >= NEAR)
    )


def _unquoted(text: str) -> str:
    stripped = text.strip()
    pairs = {"“": "”", '"': '"', "「": "」", "『": "』"}
    inner = stripped[1:-1]
    return (
        inner
        if len(stripped) > 2 and pairs.get(stripped[0]) == stripped[-1] and stripped[0] not in inner
        else stripped
    )


def _looked_through(found: list[Paragraph], index: Searchable) -> Iterable[Paragraph]:
    if len(index.paragraphs) > SCANNED:
        return found
    seen = {paragraph.id for paragraph in found}
    return [*found, *(p for p in index.paragraphs if p.id not in seen)]


def _exact(wanted: str, paragraphs: Iterable[Paragraph], index: Searchable) -> Iterator[QuoteMatch]:
    for paragraph in paragraphs:
        normal = normalise(paragraph.text)
        at = normal.text.find(wanted)
        if at >= 0:
            start, end = normal.original(at, at + len(wanted))
            label = index.document(paragraph.doc_id).cite(paragraph)
            yield QuoteMatch(paragraph.id, label, paragraph.text[start:end], start, end, 1.0)


def _near(wanted: str, paragraph: Paragraph, index: Searchable) -> QuoteMatch:
    """The run of sentences of a paragraph that is most like the draft, with the differences."""
    normal = normalise(paragraph.text)
    start, end, similarity = _window(wanted, normal.text)
    first, last = normal.original(start, end)
    changes = tuple(_changes(normal.text[start:end], wanted))
    label = index.document(paragraph.doc_id).cite(paragraph)
    return QuoteMatch(
        paragraph.id, label, paragraph.text[first:last], first, last, round(similarity, 4), changes
    )


def _window(wanted: str, text: str) -> tuple[int, int, float]:
    """The stretch of the text most like what is wanted: where the matching blocks lie, then sentence runs."""
    matcher = difflib.SequenceMatcher(None, text, wanted, autojunk=False)
    blocks = [b for b in matcher.get_matching_blocks() if b.size >= 2]
    options = [(s.start, s.end) for s in split_sentences(text)]
    options += [(a[0], b[1]) for a, b in pairwise(options)]
    if blocks:
        biggest = max(blocks, key=lambda b: b.size)
        start = max(0, biggest.a - biggest.b)
        options.append((start, min(len(text), start + len(wanted))))
    best = (0, len(text), 0.0)
    for start, end in options:
        ratio = difflib.SequenceMatcher(None, text[start:end].rstrip("。;,"), wanted, autojunk=False).ratio()
        if ratio > best[2]:
            best = (start, end - (text[end - 1 : end] in "。;,"), ratio)
    return best


def _changes(source: str, draft: str) -> Iterator[Change]:
    for tag, a1, a2, b1, b2 in difflib.SequenceMatcher(None, source, draft, autojunk=False).get_opcodes():
        if tag == "equal":
            yield Change("same", source[a1:a2])
            continue
        if a2 > a1:
            yield Change("missing", source[a1:a2])
        if b2 > b1:
            yield Change("added", draft[b1:b2])


def to_dict(check: QuoteCheck) -> dict[str, Any]:
    """The check as plain data for JSON."""
    return asdict(check)


_VERDICTS: dict[QuoteVerdict, str] = {"verbatim": "逐字相符", "near": "相近，有出入", "absent": "文件中没有"}


def shown(check: QuoteCheck) -> str:
    """The check for the terminal: ``[-…-]`` stands only in the document, ``{+…+}`` only in the draft."""
    lines = [_VERDICTS[check.verdict]]
    marks = {"same": "{}", "missing": "[-{}-]", "added": "{{+{}+}}"}
    for match in check.matches:
        body = "".join(marks[c.kind].format(c.text) for c in match.changes) or match.quote
        lead = "最接近：" if check.verdict == "absent" else ""
        lines.append(f"{lead}{match.label}（相似度 {match.similarity:.2f}）\n  {body}")
    return "\n".join(lines)
