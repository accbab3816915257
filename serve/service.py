"""The one object that everything on the server asks: index and answerer, exchangeable while in use.

An ``Engine`` is immutable. A request takes ``service.engine`` once and keeps it to its end, so a new
index can be put in place at any time without a request seeing half of each.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from answer.answerer import Answerer, StreamEvent
    from answer.answers import Answer
    from answer.conversation import Turn
    from answer.llm import LLM
    from index.query import Filters
    from index.retrieval import Index
    from ingest.corpus import FileReport

State = Literal["loading", "ready", "failed"]
Lang = Literal["zh", "en"]
log = logging.getLogger("serve")


class NotReady(RuntimeError):
    """The index is still being loaded, or could not be; the message says which."""


@dataclass(frozen=True, slots=True)
class Engine:
    """An index with the model that writes from it (None: extractive answers)."""

    index: Index
    llm: LLM | None = None

    def answerer(self, lang: Lang = "zh") -> Answerer:
        """An answerer for one request; cheap to make."""
        from answer.answerer import Answerer

        return Answerer(self.index, llm=self.llm, lang=lang)

    def answer(
        self, question: str, history: Sequence[Turn] = (), filters: Filters | None = None, lang: Lang = "zh"
    ) -> Answer:
        """See ``Answerer.answer``."""
        return self.answerer(lang).answer(question, history, filters=filters)

    def stream(
        self, question: str, history: Sequence[Turn] = (), filters: Filters | None = None, lang: Lang = "zh"
    ) -> Iterator[StreamEvent]:
        """See ``Answerer.stream``."""
        return self.answerer(lang).stream(question, history, filters=filters)


Loader = Callable[["Service"], Engine]
ExampleMaker = Callable[[Engine], Sequence[str]]


@dataclass(slots=True)
class Service:
    """Holds the engine in use and the state of loading it.

    ``loader`` makes the first engine (in a background thread, see ``start``), ``example_maker`` the example
    questions for an engine; ``examples`` is None while they are being made. ``reports`` are the reports of
    the files that were read in this process, newest first.
    """

    loader: Loader | None = None
    example_maker: ExampleMaker | None = None
    state: State = "loading"
    message: str = ""
    loaded_after: float | None = None
    reports: tuple[FileReport, ...] = ()
    examples: tuple[str, ...] | None = None
    _engine: Engine | None = None
    _swaps: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _building: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @property
    def engine(self) -> Engine:
        """The engine in use; raises NotReady while there is none."""
        engine = self._engine
        if engine is None:
            raise NotReady(self.message or "The index is being loaded; try again in a few seconds.")
        return engine

    @property
    def ready(self) -> bool:
        """Whether questions can be answered."""
        return self._engine is not None

    @property
    def swaps(self) -> int:
        """How often another engine has been put in place of the first."""
        return self._swaps

    def start(self) -> threading.Thread:
        """Load in the background; ``state`` and ``message`` tell how far it is."""
        thread = threading.Thread(target=self.load, name="load-index", daemon=True)
        thread.start()
        return thread

    def load(self) -> None:
        """Run the loader; a failure becomes ``state`` "failed" with its message, never an exception."""
        began = time.perf_counter()
        try:
            if self.loader is None:
                raise NotReady("No index was named.")
            engine = self.loader(self)
            warm_up(engine)
        except Exception as error:  # whatever the loader meets must reach the page instead of a dead thread
            log.error("the index could not be loaded: %s", error)
            known = isinstance(error, (RuntimeError, ValueError, OSError))
            self.state, self.message = "failed", str(error) if known else f"{type(error).__name__}: {error}"
            return
        self._engine = engine
        self.loaded_after = time.perf_counter() - began
        self.state, self.message = "ready", ""
        log.info("index %s ready after %.1f s", engine.index.fingerprint, self.loaded_after)
        self._make_examples(engine)

    def _make_examples(self, engine: Engine) -> None:
        """Questions to start with; a fault in making them must not take the answers away."""
        try:
            self.examples = tuple(self.example_maker(engine)) if self.example_maker is not None else ()
        except Exception:
            log.exception("the example questions could not be made")
            self.examples = ()

    @contextmanager
    def rebuilding(self) -> Iterator[None]:
        """Hold the right to build another index; raises UploadError while somebody else holds it."""
        from serve.uploads import UploadError

        if not self._building.acquire(blocking=False):
            raise UploadError("Another rebuild is under way; try again when it has finished.")
        try:
            yield
        finally:
            self._building.release()

    def swap(self, index: Index) -> None:
        """Put another index in place; requests under way finish on the one they began with."""
        with self._lock:
            llm = self._engine.llm if self._engine is not None else None
            engine = Engine(index, llm)
            warm_up(engine)
            self._engine = engine
            self._swaps += 1
            self.state, self.message = "ready", ""
            self._make_examples(Engine(index))

    def use_llm(self, llm: LLM | None) -> None:
        """Answer with another model from now on, or extractively."""
        with self._lock:
            self._engine = replace(self.engine, llm=llm)


def warm_up(engine: Engine) -> None:
    """Ask once, so that the first reader does not wait for caches (dictionary, thesaurus) to fill."""
    paragraph = engine.index.paragraphs[0]
    Engine(engine.index).answer(f"{paragraph.text[:20]}是什么？")


def open_or_build(index_dir: str, docs: str, *, default: bool = False) -> Loader:
    """A loader that opens the index in ``index_dir``, or builds it from ``docs`` when there is none.

    An index that this program built is brought up to date when the files in ``docs`` have changed, and
    replaced when other documents are named (``default``: nobody named any). See ``serve.sources``.
    """

    def load(service: Service) -> Engine:
        from index.retrieval import Index
        from index.store import IndexNotFound, StoreError
        from serve.sources import built_from, read_stamp, step

        try:
            service.message = "opening"
            index = Index.open(index_dir)
        except IndexNotFound:
            return Engine(build(service, index_dir, docs), configured_llm())
        except StoreError as error:
            # Damaged, or made for another encoder: what this program built, it builds again.
            if read_stamp(index_dir) is None:
                raise
            log.warning("building the index again: %s", error)
            return Engine(build(service, index_dir, docs), configured_llm())
        stamp = read_stamp(index_dir)
        action = step(stamp, docs, default=default)
        if stamp is None and not default and not built_from({d.source for d in index.documents}, docs):
            raise ValueError(
                f"The index in {index_dir} was built by hand from other documents than {docs}. Name another "
                f"folder with --index, or build it again: python -m index build {docs} --index {index_dir}"
            )
        if action != "use" and stamp is not None:
            own = frozenset(stamp.ids)
            kept = [d.id for d in index.documents if d.id not in own] if action == "update" else []
            index = build(service, index_dir, docs, old=index, kept=kept)
        return Engine(index, configured_llm())

    return load


def build(
    service: Service, index_dir: str, docs: str, *, old: Index | None = None, kept: Sequence[str] = ()
) -> Index:
    """Index the documents in ``docs`` and save; of ``old`` the documents ``kept`` stay (uploads) and vectors
    of unchanged texts are used again. Raises ValueError when no document can be read.
    """
    from index.retrieval import Index
    from ingest.corpus import Corpus, load
    from serve.sources import write_stamp

    service.message = "building"
    log.info("reading %s", docs)
    corpus = load([Path(docs)], progress=True)
    service.reports = corpus.reports
    if not corpus.paragraphs:
        faults = "; ".join(f"{r.path}: {r.message}" for r in corpus.reports if not r.read)
        raise ValueError(f"None of the documents can be read. {faults}")
    ids = [document.id for document in corpus.documents]
    if old is not None and kept:
        stay = frozenset(kept) - frozenset(ids)
        documents = tuple(d for d in old.documents if d.id in stay)
        paragraphs = tuple(p for p in old.paragraphs if p.doc_id in stay)
        corpus = Corpus(corpus.documents + documents, corpus.paragraphs + paragraphs, corpus.reports)
    index = Index.build(corpus, progress=True, reuse=old)
    index.save(index_dir)
    write_stamp(index_dir, docs, ids)
    return index


def configured_llm() -> LLM | None:
    """The model of LLM_MODEL and LLM_BASE_URL, or None; one that cannot be opened is logged and left out."""
    from answer.llm import LLMUnavailable, open_llm
    from answer.settings import llm_settings

    settings = llm_settings()
    if not settings.wanted:
        return None
    try:
        return open_llm(settings)
    except LLMUnavailable as error:
        log.error("answers are extractive: %s", error)
        return None


def describe(engine: Engine) -> Mapping[str, Any]:
    """What is loaded, for health checks and the settings page; no secrets."""
    index = engine.index
    return {
        "documents": len(index.documents),
        "paragraphs": len(index.paragraphs),
        "encoder": index.encoder.name or "models/default",
        "fingerprint": index.fingerprint,
        "llm": engine.llm.name if engine.llm is not None else None,
    }
