"""What the answer stage returns: sentences, each with the citations that support it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from index.hits import Hit

Verdict = Literal["verbatim", "supported", "partial", "unsupported"]


@dataclass(frozen=True, slots=True)
class Citation:
    """A pointer to the paragraph that supports a sentence.

    ``quote`` is a verbatim span of the cited paragraph's text; ``label`` is the United Nations
    display form (``CAC/COSP/2017/4，第12段``), built from the paragraph's fields.
    """

    paragraph_id: str
    quote: str
    verdict: Verdict
    reason: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of an answer with its citations and the verdict of the verifier."""

    text: str
    citations: tuple[Citation, ...] = ()
    verdict: Verdict = "unsupported"


@dataclass(frozen=True, slots=True)
class Table:
    """A comparison: one row for each thing compared, one sentence (with its citation) in each cell."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Sentence, ...]], ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """A cited answer, or a refusal that names what is missing.

    ``timings`` are seconds per step; ``fingerprint`` identifies index, configuration and code.
    ``raw_text`` is what the model wrote before verification and repair (equal to the text for
    extractive answers); ``notices`` are messages for the reader (fallbacks, what is missing).
    ``confidence`` in [0, 1] is the calibrated probability that the documents answer the question;
    ``missing`` names what was asked for and not found; ``corrected`` marks a refusal of a premise,
    whose sentences say what the documents do say; ``table`` repeats the sentences of a comparison.
    """

    question: str
    sentences: tuple[Sentence, ...]
    refused: bool
    hits: tuple[Hit, ...]
    standalone_question: str
    fingerprint: str
    timings: Mapping[str, float] = field(default_factory=dict)
    raw_text: str = ""
    notices: tuple[str, ...] = ()
    mode: str = "extractive"
    confidence: float | None = None
    missing: tuple[str, ...] = ()
    corrected: bool = False
    table: Table | None = None

    @property
    def text(self) -> str:
        """The answer as plain text without citation markers."""
        return "".join(sentence.text for sentence in self.sentences)
