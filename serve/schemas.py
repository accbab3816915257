"""What programs send and get, typed; the fields of answers are those of ``python -m answer --json``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from serve.service import Lang

if TYPE_CHECKING:
    from answer.conversation import Turn
    from index.hits import Hit
    from index.query import Filters
    from index.retrieval import Index
    from ingest.paragraphs import Document, Paragraph

VerdictName = Literal["verbatim", "supported", "partial", "unsupported"]
Text = Annotated[str, Field(min_length=1, max_length=2000)]
EXAMPLE = "什么是资产追回？"


class FiltersIn(BaseModel):
    """A restriction to documents (ids or symbols), sessions or years; empty lists restrict nothing."""

    documents: list[Annotated[str, Field(max_length=300)]] = Field(default_factory=list, max_length=200)
    sessions: list[Annotated[str, Field(max_length=300)]] = Field(default_factory=list, max_length=200)
    years: list[Annotated[int, Field(ge=1900, le=2200)]] = Field(default_factory=list, max_length=200)

    def made(self) -> Filters | None:
        """The filters of the search, or None when nothing is restricted."""
        from index.query import Filters

        if not (self.documents or self.sessions or self.years):
            return None
        return Filters(frozenset(self.documents), frozenset(self.sessions), frozenset(self.years))


class SearchIn(BaseModel):
    """A search."""

    query: Text = Field(examples=[EXAMPLE])
    k: int = Field(10, ge=1, le=50)
    filters: FiltersIn = Field(default_factory=FiltersIn)


class HitOut(BaseModel):
    """A paragraph found: its text, its United Nations citation, and what each signal contributed."""

    paragraph_id: str
    score: float
    rank: int
    label: str
    text: str
    section: list[str]
    url: str
    parts: dict[str, float]


class ExpansionOut(BaseModel):
    """Another name that was searched for too."""

    matched: str
    term: str
    weight: float
    relation: str


class SearchOut(BaseModel):
    """The paragraphs found, best first."""

    query: str
    hits: list[HitOut]
    expansions: list[ExpansionOut]
    fingerprint: str


class TurnIn(BaseModel):
    """An earlier question and its answer."""

    question: str = Field(max_length=4000)
    answer: str = Field(max_length=50_000)


class AnswerIn(BaseModel):
    """A question; ``stream`` sends server-sent events: status, sentence (each verified), answer."""

    question: Text = Field(examples=[EXAMPLE])
    history: list[TurnIn] = Field(default_factory=list, max_length=50)
    filters: FiltersIn = Field(default_factory=FiltersIn)
    lang: Lang = "zh"
    stream: bool = False

    def turns(self) -> list[Turn]:
        """The history as the answerer wants it."""
        from answer.conversation import Turn

        return [Turn(turn.question, turn.answer) for turn in self.history]


class CitationOut(BaseModel):
    """A pointer to the paragraph that supports a sentence; ``quote`` is a verbatim span of it."""

    paragraph_id: str
    quote: str
    verdict: VerdictName
    label: str
    reason: str
    url: str


class SentenceOut(BaseModel):
    """A sentence with the verdict of the verifier."""

    text: str
    verdict: VerdictName
    citations: list[CitationOut]


class TableRowOut(BaseModel):
    """A line of a comparison."""

    label: str
    cells: list[SentenceOut]


class TableOut(BaseModel):
    """A comparison."""

    columns: list[str]
    rows: list[TableRowOut]


class ScoreOut(BaseModel):
    """A hit in an answer."""

    model_config = ConfigDict(extra="allow")
    paragraph_id: str
    score: float


class AnswerOut(BaseModel):
    """A cited answer or a refusal; ``missing`` names what was asked for and not found."""

    model_config = ConfigDict(extra="allow")
    question: str
    standalone_question: str
    text: str
    refused: bool
    corrected: bool
    confidence: float | None
    missing: list[str]
    sentences: list[SentenceOut]
    table: TableOut | None
    hits: list[ScoreOut]
    notices: list[str]
    mode: str
    fingerprint: str
    timings: dict[str, float]


class VerifyIn(BaseModel):
    """A claim and the text, or the paragraph, that is said to support it."""

    claim: Text
    text: str = Field("", max_length=20_000)
    paragraph_id: str = Field("", max_length=500)


class VerifyOut(BaseModel):
    """Whether the source supports the claim; ``span`` are character offsets of the support in it."""

    verdict: VerdictName
    score: float
    span: tuple[int, int] | None
    reason: str


class QuoteIn(BaseModel):
    """A sentence of a draft, to be looked for in the documents."""

    text: Text


class ChangeOut(BaseModel):
    """A stretch of the comparison."""

    kind: Literal["same", "missing", "added"]
    text: str


class QuoteMatchOut(BaseModel):
    """A passage of a document beside the draft."""

    paragraph_id: str
    label: str
    quote: str
    start: int
    end: int
    similarity: float
    changes: list[ChangeOut]


class QuoteOut(BaseModel):
    """Word for word in the documents, nearly so, or not at all."""

    text: str
    verdict: Literal["verbatim", "near", "absent"]
    matches: list[QuoteMatchOut]


class DocumentOut(BaseModel):
    """A loaded document."""

    id: str
    symbol: str | None
    title: str
    date: str | None
    session: str | None
    language: str
    source: str
    format: str
    paragraphs: int
    url: str


class DocumentsOut(BaseModel):
    """All loaded documents."""

    documents: list[DocumentOut]
    fingerprint: str


class ParagraphOut(BaseModel):
    """A paragraph with its place in the document."""

    id: str
    doc_id: str
    number: str | None
    label: str
    citation: str
    section: list[str]
    text: str
    footnotes: list[str]
    kind: str
    url: str
    before: str | None
    after: str | None


class Problem(BaseModel):
    """An error (RFC 9457), with the fields OpenAI clients look for in ``error``."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    error: dict[str, Any] = Field(default_factory=dict)


def hit_out(hit: Hit, index: Index, base: str) -> HitOut:
    """A hit for programs; ``base`` is the address of the server without a slash at its end."""
    from serve.render import paragraph_path

    paragraph = hit.paragraph
    return HitOut(
        paragraph_id=paragraph.id,
        score=hit.score,
        rank=hit.rank,
        label=index.document(paragraph.doc_id).cite(paragraph),
        text=paragraph.text,
        section=list(paragraph.section),
        url=base + paragraph_path(paragraph.id),
        parts={name: float(value) for name, value in hit.parts.items()},
    )


def paragraph_out(paragraph: Paragraph, index: Index, base: str) -> ParagraphOut:
    """A paragraph for programs, with the ids of those before and after it."""
    from serve.render import paragraph_path

    near = index.neighbours(paragraph.id, 1)
    own = index.document(paragraph.doc_id)
    return ParagraphOut(
        id=paragraph.id,
        doc_id=paragraph.doc_id,
        number=paragraph.number,
        label=paragraph.label,
        citation=own.cite(paragraph),
        section=list(paragraph.section),
        text=paragraph.text,
        footnotes=[f"{note.mark} {note.text}" for note in paragraph.footnotes],
        kind=paragraph.kind,
        url=base + paragraph_path(paragraph.id),
        before=next((p.id for p in near if p.start < paragraph.start), None),
        after=next((p.id for p in near if p.start > paragraph.start), None),
    )


def document_out(document: Document, paragraphs: int, base: str) -> DocumentOut:
    """A document for programs."""
    from serve.render import document_path

    return DocumentOut(
        id=document.id, symbol=document.symbol, title=document.title, date=document.date,
        session=document.session, language=document.language, source=document.source,
        format=document.format, paragraphs=paragraphs,
        url=base + document_path(document.id),
    )  # fmt: skip


def documents_out(index: Index, base: str) -> DocumentsOut:
    """All documents for programs."""
    counts: dict[str, int] = {}
    for paragraph in index.paragraphs:
        counts[paragraph.doc_id] = counts.get(paragraph.doc_id, 0) + 1
    shown = [document_out(d, counts.get(d.id, 0), base) for d in index.documents]
    return DocumentsOut(documents=shown, fingerprint=index.fingerprint)


def with_urls(row: dict[str, Any], index: Index, base: str) -> dict[str, Any]:
    """The row of an answer with the address of every cited paragraph, its quotation marked."""
    sentences = [
        *row["sentences"],
        *(cell for line in (row["table"] or {"rows": ()})["rows"] for cell in line["cells"]),
    ]
    for sentence in sentences:
        for citation in sentence["citations"]:
            citation["url"] = base + citation_path(citation["paragraph_id"], citation["quote"], index)
    return row


def citation_path(paragraph_id: str, quotation: str, index: Index) -> str:
    """The path of a cited paragraph with the quotation marked in it."""
    from serve.render import paragraph_path, span_of

    return paragraph_path(paragraph_id, span_of(quotation, index.paragraph(paragraph_id).text))
