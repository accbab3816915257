"""The chain: a question (and what was said before) becomes a cited answer or an honest no."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from answer.answers import Answer, Sentence
from answer.calibration import REFUSAL, VERIFIER
from answer.conversation import SmallTalk, Standalone, Turn, small_talk, standalone
from answer.evidence import Searchable
from answer.extractive import Extraction, extract
from answer.facts import facts
from answer.prompts import CANNOT_ANSWER, CANNOT_ANSWER_EN, Lang, message
from answer.questions import Question, read_question
from answer.refusal import Decision, decide
from answer.sentences import normalise
from index.hits import Hit
from index.query import Filters

if TYPE_CHECKING:
    from answer.llm import LLM

HITS = 10


@dataclass(frozen=True, slots=True)
class StreamEvent:
    """One step of a streamed answer: a status text, a verified sentence, or the whole answer at the end."""

    kind: Literal["status", "sentence", "answer"]
    status: str = ""
    sentence: Sentence | None = None
    answer: Answer | None = None


@dataclass(frozen=True, slots=True)
class Work:
    """What has been found out about a question before anything is written."""

    question: str
    standalone: Standalone
    read: Question
    hits: tuple[Hit, ...]
    extraction: Extraction
    decision: Decision
    timings: Mapping[str, float]
    lang: Lang


class Answerer:
    """Answers questions from an index; extractive without ``llm``, else written by the model and verified.

    ``lang`` is the language of frames, refusals and notices; a question in English is framed in English
    in any case. Safe to share between threads: it keeps no state between questions.
    """

    def __init__(
        self, index: Searchable, *, llm: LLM | None = None, lang: Lang = "zh", k: int = HITS
    ) -> None:
        self.index = index
        self.llm = llm
        self.lang: Lang = lang
        self.k = k

    def answer(
        self, question: str, history: Sequence[Turn] = (), *, filters: Filters | None = None
    ) -> Answer:
        """The cited answer to a question, or a refusal naming what is missing; no text makes it raise."""
        final: Answer | None = None
        for event in self.stream(question, history, filters=filters):
            final = event.answer or final
        if final is None:
            raise RuntimeError("The stream ended without an answer; this is a fault of the program.")
        return final

    def stream(
        self, question: str, history: Sequence[Turn] = (), *, filters: Filters | None = None
    ) -> Iterator[StreamEvent]:
        """The same answer step by step; every sentence has been verified when it comes out."""
        talk = small_talk(question)
        if talk is not None:
            yield StreamEvent("answer", answer=self._small(question, talk))
            return
        yield StreamEvent("status", status="searching")
        work = self.work(question, history, filters)
        if self.llm is not None and work.hits and work.decision.premise is None:
            from answer.generation import generate

            yield from generate(self, work)
            return
        answer = self.extractive(work)
        for sentence in answer.sentences:
            yield StreamEvent("sentence", sentence=sentence)
        yield StreamEvent("answer", answer=answer)

    def fingerprint(self) -> str:
        """Index, configuration and code version in one short string."""
        model = self.llm.name if self.llm is not None else "extractive"
        digest = hashlib.sha256(
            f"{model} {self.k} {VERIFIER} {REFUSAL} {_code_version()}".encode()
        ).hexdigest()
        return f"{self.index.fingerprint}-{digest[:12]}"

    def work(self, question: str, history: Sequence[Turn] = (), filters: Filters | None = None) -> Work:
        clock = _Clock()
        alone = self._standalone(question, history)
        read = read_question(alone.asked or alone.text, alone.context)
        lang: Lang = "en" if read.lang == "en" else self.lang
        clock.lap("understand")
        hits = tuple(self.index.search(alone.text, self.k, filters=filters))
        clock.lap("search")
        also: list[Hit] = []

        def search(text: str) -> Sequence[Hit]:
            found = self.index.search(text, self.k, filters=filters)
            also.extend(found)
            return found

        extraction = extract(self.index, read, hits, search)
        clock.lap("extract")
        cosine = max((hit.cosine for hit in hits if hit.cosine is not None), default=None)
        decision = decide(self.index, read, extraction, hits[0].score if hits else 0.0, cosine)
        clock.lap("decide")
        return Work(
            question, alone, read, _with_cited(hits, also, extraction), extraction, decision, clock.laps, lang
        )

    def _standalone(self, question: str, history: Sequence[Turn]) -> Standalone:
        if self.llm is not None and history:
            rewritten = self.llm.rewrite(question, [(turn.question, turn.answer) for turn in history])
            if rewritten:
                return Standalone(rewritten, rewritten != question, rewritten)
        return standalone(question, history)

    def extractive(
        self,
        work: Work,
        notices: Sequence[str] = (),
        raw_text: str | None = None,
        *,
        translate: bool = True,
    ) -> Answer:
        """The answer without a model: verbatim sentences, a correction, or a refusal.

        With a model and ``translate``, quotations in the answer to an English question are translated.
        """
        if work.decision.premise is not None:
            return self._correction(work, (*self.followed(work), *notices))
        if not work.decision.answer:
            return self.refusal(work, notices, raw_text=raw_text)
        sentences = work.extraction.sentences
        if work.lang == "en":
            sentences = framed(sentences, self.llm if translate else None)
        return self.made(work, sentences, notices=(*self.followed(work), *notices), raw_text=raw_text)

    def made(
        self,
        work: Work,
        sentences: Sequence[Sentence],
        *,
        refused: bool = False,
        corrected: bool = False,
        notices: Sequence[str] = (),
        raw_text: str | None = None,
        mode: str = "extractive",
        timings: Mapping[str, float] | None = None,
    ) -> Answer:
        """An answer from its sentences, with everything that is known about the question filled in."""
        text = "".join(s.text for s in sentences)
        return Answer(
            question=work.question,
            sentences=tuple(sentences),
            refused=refused,
            hits=work.hits,
            standalone_question=work.standalone.text,
            fingerprint=self.fingerprint(),
            timings={**work.timings, **(timings or {})},
            raw_text=text if raw_text is None else raw_text,
            notices=tuple(notices),
            mode=mode,
            confidence=work.decision.confidence,
            missing=work.decision.missing if refused else (),
            corrected=corrected,
            table=work.extraction.table if not refused else None,
        )

    def refusal(
        self,
        work: Work,
        notices: Sequence[str] = (),
        *,
        raw_text: str | None = None,
        mode: str = "extractive",
    ) -> Answer:
        """An honest no: the refusal phrase, what is missing, and the nearest paragraphs as a notice."""
        lang = work.lang
        text = CANNOT_ANSWER if lang == "zh" else CANNOT_ANSWER_EN
        if work.decision.elsewhere:
            text += message("off_topic", lang)
        elif work.decision.missing:
            mark = "、".join(f"“{word}”" for word in work.decision.missing)
            text += message("missing", lang, missing=mark)
        near = "；".join(self._label(hit) for hit in work.hits[:3])
        extra = (message("nearest", lang, nearest=near),) if near else ()
        sentence = Sentence(text, (), "supported")
        notices = (*self.followed(work), *notices, *extra)
        return self.made(work, (sentence,), refused=True, notices=notices, raw_text=raw_text, mode=mode)

    def _correction(self, work: Work, notices: Sequence[str]) -> Answer:
        lead = Sentence(message("correction", work.lang), (), "supported")
        said = work.extraction.sentences
        sentences = (lead, *(framed(said, self.llm) if work.lang == "en" else said))
        return self.made(work, sentences, refused=True, corrected=True, notices=notices)

    def followed(self, work: Work) -> tuple[str, ...]:
        return (
            (message("followup", work.lang, question=work.standalone.text),)
            if work.standalone.followed
            else ()
        )

    def _label(self, hit: Hit) -> str:
        return self.index.document(hit.paragraph.doc_id).cite(hit.paragraph)

    def _small(self, question: str, talk: SmallTalk) -> Answer:
        lang: Lang = "en" if question.isascii() and question.strip() else self.lang
        values = {"documents": len(self.index.documents), "paragraphs": len(self.index.paragraphs)}
        text = message(talk, lang, **(values if talk == "abilities" else {}))
        return Answer(
            question,
            (Sentence(text, (), "supported"),),
            False,
            (),
            question,
            self.fingerprint(),
            {},
            text,
            (),
            "reply",
        )


def framed(sentences: Sequence[Sentence], llm: LLM | None = None) -> tuple[Sentence, ...]:
    """An English frame around each Chinese quotation with its pinpoint, and with ``llm`` its translation.

    The quotation stays the evidence. A translation with a number the quotation does not have is left out,
    and after the first that fails no other is asked for.
    """
    made: list[Sentence] = []
    for sentence in sentences:
        label = sentence.citations[0].label
        reply = llm.translate(sentence.text) if llm is not None else None
        llm = llm if reply is not None else None
        lead = message("frame_en", "en", label=label)
        if reply is not None and same_numbers(reply, sentence.text):
            translation = re.sub(r"[“”]", '"', " ".join(reply.split()))
            lead = message("translated_en", "en", label=label, translation=translation)
        text = f"{lead}“{sentence.text.strip('“”')}” "
        made.append(Sentence(text, sentence.citations, sentence.verdict))
    return tuple(made)


def same_numbers(translation: str, quotation: str) -> bool:
    """Whether every number in digits of an English translation stands in the Chinese text, in any form."""
    normal = normalise(quotation).text
    known = {float(n.replace(",", "")) for n in _NUMBER.findall(normal)}
    known |= {float(v) for fact in facts(normal) for v in fact.value if isinstance(v, int | float)}
    return all(float(n.replace(",", "")) in known for n in _NUMBER.findall(translation))


_NUMBER = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?")


class _Clock:
    """Seconds per step."""

    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self.laps[name] = round(now - self._last, 6)
        self._last = now


def _with_cited(hits: Sequence[Hit], also: Sequence[Hit], extraction: Extraction) -> tuple[Hit, ...]:
    """The hits, and after them what a further search found and the answer cites."""
    cited = {citation.paragraph_id for sentence in extraction.sentences for citation in sentence.citations}
    found = {hit.paragraph.id: hit for hit in hits}
    for hit in also:
        if hit.paragraph.id in cited and hit.paragraph.id not in found:
            last = min((h.score for h in found.values()), default=hit.score)
            found[hit.paragraph.id] = replace(hit, rank=len(found) + 1, score=min(hit.score, last))
    return tuple(found.values())


@lru_cache(maxsize=1)
def _code_version() -> str:
    """A hash of the answer stage's own source files."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
