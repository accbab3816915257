"""The model's answer, verified sentence by sentence and repaired before it is shown."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from answer.answerer import StreamEvent
from answer.answers import Citation, Sentence
from answer.citations import HoldBack, MarkedSentence, marked_sentences
from answer.evidence import about
from answer.llm import LLMFailure
from answer.prompts import CANNOT_ANSWER, CANNOT_ANSWER_EN, Source, message, system_prompt, user_prompt
from answer.sentences import split_sentences, strip_ending
from answer.verify import Verification, verify
from index.hits import Hit
from ingest import Paragraph

if TYPE_CHECKING:
    from answer.answerer import Answerer, Work

_ORDER = re.compile(
    r"(?:忽略|无视|不要理会|忘记|覆盖).{0,12}(?:以上|上述|之前|前面|先前|所有|系统|原有).{0,10}(?:指令|指示|规则|提示|内容|要求)|"
    r"(?:你现在是|你是一个|你必须(?:回答|输出|说)|请(?:只)?(?:输出|回复|回答说)|系统提示|开发者模式|作为(?:一个)?(?:AI|人工智能)(?:助手|模型))|"
    r"ignore (?:all |any )?(?:the )?(?:previous|above|prior) (?:instructions|rules|prompts)|"
    r"disregard .{0,20}instructions|"
    r"you are now|system prompt|</?(?:system|assistant|user)>|\[/?INST\]",
    re.I,
)


def defused(text: str) -> str:
    """The text with sentences that give orders to a model blanked out, every offset unchanged."""
    if not _ORDER.search(text):
        return text
    for span in split_sentences(text):
        if _ORDER.search(span.text):
            text = text[: span.start] + "　" * (span.end - span.start) + text[span.end :]
    return text


@dataclass(frozen=True, slots=True)
class Repaired:
    """What became of one sentence of the model: served as it is, re-cited, softened, or dropped (None)."""

    sentence: Sentence | None
    action: str  # "kept", "recited", "softened", "dropped"


class Repairer:
    """Verifies sentences against the numbered sources and mends what they do not support."""

    def __init__(self, answerer: Answerer, hits: Sequence[Hit]) -> None:
        self._answerer = answerer
        self._paragraphs = [hit.paragraph for hit in hits]

    def repair(self, marked: MarkedSentence) -> Repaired:
        """Keep a supported sentence, re-cite it where exactly one source supports it, else soften or drop it.

        A sentence that its own source contradicts is not looked for elsewhere: what is found would be
        about something else.
        """
        named = [self._paragraphs[number - 1] for number in marked.sources]
        kept = self._supported_by(marked.text, named)
        if kept:
            return Repaired(self._sentence(marked.text, kept), "kept")
        if any(self._verify(marked.text, p).contradicted for p in named):
            softened = self._softened(marked.text, named)
            return Repaired(softened, "softened" if softened is not None else "dropped")
        others = [p for p in self._paragraphs if p not in named]
        again = self._supported_by(marked.text, others) or self._searched(marked.text)
        if len(again) == 1:
            return Repaired(self._sentence(marked.text, again), "recited")
        softened = self._softened(marked.text, [*named, *others] if not again else [p for p, _ in again])
        return Repaired(softened, "softened" if softened is not None else "dropped")

    def _verify(self, text: str, paragraph: Paragraph) -> Verification:
        document = self._answerer.index.document(paragraph.doc_id)
        return verify(
            text, defused(paragraph.text), context=f"{about(document)} {' '.join(paragraph.section)}"
        )

    def _supported_by(
        self, text: str, paragraphs: Sequence[Paragraph]
    ) -> list[tuple[Paragraph, Verification]]:
        """The paragraphs that support the sentence each by itself, or all together when only that holds."""
        checked = [(p, self._verify(text, p)) for p in paragraphs]
        alone = [(p, v) for p, v in checked if v.verdict in ("verbatim", "supported")]
        if alone or len(paragraphs) < 2 or len(paragraphs) > 4:
            return alone
        joined = verify(text, "\n".join(defused(p.text) for p in paragraphs))
        helpful = [(p, v) for p, v in checked if v.verdict == "partial"]
        return helpful if joined.verdict in ("verbatim", "supported") and len(helpful) > 1 else []

    def _searched(self, text: str) -> list[tuple[Paragraph, Verification]]:
        """Paragraphs beyond the retrieved ones that support the sentence, found by searching for it."""
        hits = self._answerer.index.search(text, 5)
        return self._supported_by(text, [h.paragraph for h in hits if h.paragraph not in self._paragraphs])

    def _sentence(self, text: str, support: Sequence[tuple[Paragraph, Verification]]) -> Sentence:
        citations = tuple(self._citation(p, v) for p, v in support)
        verdict = "verbatim" if any(v.verdict == "verbatim" for _, v in support) else "supported"
        return Sentence(text, citations, verdict)  # type: ignore[arg-type]

    def _citation(self, paragraph: Paragraph, found: Verification) -> Citation:
        start, end = found.span or (0, len(paragraph.text))
        label = self._answerer.index.document(paragraph.doc_id).cite(paragraph)
        return Citation(paragraph.id, paragraph.text[start:end].strip(), found.verdict, found.reason, label)

    def _softened(self, text: str, paragraphs: Sequence[Paragraph]) -> Sentence | None:
        """In place of a half-supported sentence, what the best source really says."""
        checked = [(p, self._verify(text, p)) for p in paragraphs]
        usable = [
            (p, v) for p, v in checked if v.span is not None and (v.verdict == "partial" or v.contradicted)
        ]
        if not usable:
            return None
        paragraph, found = max(usable, key=lambda pair: pair[1].score)
        start, end = found.span or (0, 0)
        quote = paragraph.text[start:end].strip()
        if len(quote) > 300 or not quote:
            return None
        label = self._answerer.index.document(paragraph.doc_id).cite(paragraph)
        return Sentence(quote, (Citation(paragraph.id, quote, "verbatim", "原文逐字", label),), "verbatim")


def generate(answerer: Answerer, work: Work) -> Iterator[StreamEvent]:
    """Stream the model's verified sentences; on any failure the extractive answer with a notice."""
    llm = answerer.llm
    assert llm is not None, "generate() is only called with a model"
    yield StreamEvent("status", status="writing")
    hits = _within(work.hits, llm.context)
    repairer = Repairer(answerer, hits)
    run = _Run(repairer, len(hits))
    prompt = user_prompt(work.standalone.text, _sources(answerer, hits))
    try:
        for piece in llm.stream(system_prompt(work.lang), prompt):
            yield from run.push(piece)
        yield from run.finish()
    except LLMFailure as failure:
        notice = message("llm_failed", work.lang, cause=failure.cause)
        yield from _fallback(answerer, work, notice, run.raw, translate=False)
        return
    yield from _finished(answerer, work, run)


def _finished(answerer: Answerer, work: Work, run: _Run) -> Iterator[StreamEvent]:
    if _is_refusal(run.raw):
        answer = answerer.refusal(work, (), raw_text=run.raw, mode="llm")
        yield StreamEvent("answer", answer=answer)
        return
    if not run.served:
        notice = message(
            "llm_failed",
            work.lang,
            cause="没有一句话得到来源支持" if work.lang == "zh" else "no sentence was supported",
        )
        yield from _fallback(answerer, work, notice, run.raw)
        return
    notices = (message("dropped", work.lang, count=run.dropped),) if run.dropped else ()
    answer = answerer.made(
        work, run.served, notices=(*answerer.followed(work), *notices), raw_text=run.raw, mode="llm"
    )
    yield StreamEvent("answer", answer=answer)


def _fallback(
    answerer: Answerer, work: Work, notice: str, raw: str, *, translate: bool = True
) -> Iterator[StreamEvent]:
    answer = answerer.extractive(work, (notice,), raw_text=raw, translate=translate)
    yield StreamEvent("status", status="fallback")
    for sentence in answer.sentences:
        yield StreamEvent("sentence", sentence=sentence)
    yield StreamEvent("answer", answer=answer)


class _Run:
    """The state of one streamed reply."""

    def __init__(self, repairer: Repairer, sources: int) -> None:
        self._buffer = HoldBack()
        self._repairer = repairer
        self._sources = sources
        self.raw = ""
        self.served: list[Sentence] = []
        self.dropped = 0

    def push(self, piece: str) -> Iterator[StreamEvent]:
        self.raw += piece
        for text in self._buffer.push(piece):
            yield from self._serve(text)

    def finish(self) -> Iterator[StreamEvent]:
        for text in self._buffer.finish():
            yield from self._serve(text)

    def _serve(self, text: str) -> Iterator[StreamEvent]:
        if _is_refusal(text):
            return
        for marked in marked_sentences(text, self._sources):
            repaired = self._repairer.repair(marked).sentence
            if repaired is None:
                self.dropped += 1
            elif all(strip_ending(repaired.text) != strip_ending(other.text) for other in self.served):
                self.served.append(repaired)
                yield StreamEvent("sentence", sentence=repaired)


def _is_refusal(text: str) -> bool:
    plain = text.strip().strip("。. ")
    return any(
        phrase.strip("。. ") in plain and len(plain) < len(phrase) + 12
        for phrase in (CANNOT_ANSWER, CANNOT_ANSWER_EN)
    )


def _within(hits: Sequence[Hit], budget: int) -> list[Hit]:
    """The best hits whose texts fit into the budget of characters; at least one."""
    kept: list[Hit] = []
    used = 0
    for hit in hits:
        used += len(hit.paragraph.text)
        if kept and used > budget:
            break
        kept.append(hit)
    return kept


def _sources(answerer: Answerer, hits: Sequence[Hit]) -> list[Source]:
    sources = []
    for number, hit in enumerate(hits, 1):
        document = answerer.index.document(hit.paragraph.doc_id)
        label = f"{document.cite(hit.paragraph)}；{document.session or document.date or ''}".strip("；")
        sources.append(Source(number, label, defused(hit.paragraph.text)))
    return sources
