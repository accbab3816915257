"""Are the cited sources right? Gold citations, ALCE, and the deterministic checks.

Definitions: sentences s1…sn with citations Ci; φ(P, s) is a verifier's verdict that the passages P
support s. All functions are pure; the verifier and the texts are passed in.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from eval.metrics_answers import normalise
from eval.records import Statement

Supports = Callable[[Sequence[str], str], bool]  # (paragraph ids, sentence) -> do they support it together


@dataclass(frozen=True, slots=True)
class PRF:
    """Precision, recall and their harmonic mean, each in [0, 1]."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """2PR / (P + R), 0 when both are 0."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


def gold_citations(cited: Collection[str], alternatives: Iterable[Collection[str]]) -> PRF:
    """Cited against gold ids at whatever level the ids stand for (document, paragraph, sub-item).

    P = |cited ∩ G| / |cited| with G the union of the alternatives; R = best over alternatives g of
    |cited ∩ g| / |g|. Citing nothing gives 0 and 0. Duplicates count once.
    """
    groups = [set(group) for group in alternatives if group]
    distinct = set(cited)
    if not groups or not distinct:
        return PRF(0.0, 0.0)
    precision = len(distinct & set().union(*groups)) / len(distinct)
    return PRF(precision, max(len(distinct & group) / len(group) for group in groups))


def needs_source(sentence: str) -> bool:
    """Whether a sentence states something: not a question, not a lead-in ending in a colon, not a scrap."""
    text = normalise(sentence)
    return len(text) >= 6 and text[-1] not in "?:"


def claim(statement: Statement) -> str:
    """What the sentence claims: a frame that names a cited pinpoint before a quotation is taken off.

    ``The documents say (CAC/COSP/2017/4，第12段): “…”`` claims what stands between the quotation marks.
    """
    text = statement.text.strip()
    for citation in statement.citations:
        if citation.label and citation.label in text:
            quotation = re.fullmatch(r"[^“]*“(.+)”\s*", text, re.S)
            return quotation[1] if quotation else text.replace(citation.label, "")
    return text


@dataclass(frozen=True, slots=True)
class Alce:
    """ALCE figures of one answer; ``recall_needed`` is over the sentences that need a source, if any."""

    recall: float
    recall_needed: float | None
    precision: float


def alce(statements: Sequence[Statement], known: Collection[str], supports: Supports) -> Alce:
    """Citation recall and precision of Gao et al. 2023, with three faults of the public script mended.

    Recall = share of sentences with Ci ≠ ∅ and φ(∪Ci, si). A citation c is irrelevant iff not φ(c, si)
    and φ(Ci∖c, si); precision = share of citations that are not irrelevant and stand in a supported
    sentence. Mended: a citation of an unknown paragraph counts as wrong (it is not skipped),
    duplicates count once, and recall is given over all sentences and over those needing a source.
    """
    supported_flags: list[bool] = []
    right = total = 0
    for statement in statements:
        ids = list(dict.fromkeys(citation.paragraph_id for citation in statement.citations))
        existing = [identifier for identifier in ids if identifier in known]
        total += len(ids)
        supported = bool(existing) and supports(existing, claim(statement))
        supported_flags.append(supported)
        if supported:
            right += sum(not _irrelevant(one, existing, claim(statement), supports) for one in existing)
    needed = [flag for flag, item in zip(supported_flags, statements, strict=True) if needs_source(item.text)]
    precision = right / total if total else 0.0
    return Alce(_share(supported_flags), _share(needed) if needed else None, precision)


def _irrelevant(one: str, cited: Sequence[str], sentence: str, supports: Supports) -> bool:
    others = [identifier for identifier in cited if identifier != one]
    return bool(others) and not supports([one], sentence) and supports(others, sentence)


def _share(flags: Sequence[bool]) -> float:
    return sum(flags) / len(flags) if flags else 0.0


def grounding(statements: Sequence[Statement], texts: Mapping[str, str], retrieved: Collection[str]) -> float:
    """Share of citations whose paragraph exists and was retrieved for this question; 0 without citations."""
    ids = [citation.paragraph_id for statement in statements for citation in statement.citations]
    return _share([identifier in texts and identifier in retrieved for identifier in ids])


def verbatim_rate(statements: Sequence[Statement], texts: Mapping[str, str]) -> float:
    """Share of citations whose quote is a non-empty normalised substring of the cited paragraph's text."""
    flags = []
    for statement in statements:
        for citation in statement.citations:
            quote = normalise(citation.quote)
            flags.append(bool(quote) and quote in normalise(texts.get(citation.paragraph_id, "")))
    return _share(flags)


def locator_accuracy(statements: Sequence[Statement], labels: Mapping[str, str]) -> float:
    """Share of citations shown to the reader under the cited paragraph's own label (``…，第12段``)."""
    flags = []
    for statement in statements:
        for citation in statement.citations:
            label = labels.get(citation.paragraph_id)
            flags.append(label is not None and normalise(label) == normalise(citation.label))
    return _share(flags)


FIGURE = re.compile(r"[A-Z]+(?:/[A-Z0-9.]+)+|\d+(?:[.,/]\d+)*%?|[A-Z][A-Za-z]{2,}")


def figures(text: str) -> set[str]:
    """The numbers, dates, symbols and Latin names of a text, after NFKC; thousands commas dropped."""
    folded = unicodedata.normalize("NFKC", text)
    return {re.sub(r"(?<=\d),(?=\d{3})", "", found).lower() for found in FIGURE.findall(folded)}


def figure_agreement(statements: Sequence[Statement], texts: Mapping[str, str]) -> float:
    """Share of sentences all of whose numbers, dates, symbols and Latin names stand in what they cite.

    1.0 where no sentence holds a figure; a sentence with figures and without a citation disagrees.
    """
    flags = []
    for statement in statements:
        found = figures(claim(statement))
        if found:
            cited = " ".join(texts.get(citation.paragraph_id, "") for citation in statement.citations)
            flags.append(found <= figures(cited))
    return _share(flags) if flags else 1.0


def verification_coverage(statements: Sequence[Statement]) -> float:
    """Sentences that carry a verifier's verdict / all sentences; 0 without sentences."""
    return _share([bool(statement.verdict) for statement in statements])
