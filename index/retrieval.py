"""The index of a corpus: built once, saved, opened, searched."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from index import store
from index.analysis import Analysis, analyse
from index.config import SearchConfig
from index.definitions import definitions
from index.dense import DenseIndex, windows
from index.encoder import Encoder, bundled_words, encodable, open_encoder
from index.hits import Hit
from index.lexical import Postings
from index.normalise import fold
from index.query import Filters
from index.schedule import row_slots
from index.scoring import Signals, rank
from index.settings import setting
from index.thesaurus import Expansion, bundled
from index.tokens import Tokeniser, bigrams
from ingest import Document, Paragraph

if TYPE_CHECKING:
    from ingest.corpus import Corpus


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Index:
    """Documents and paragraphs with everything a search needs; immutable.

    ``fingerprint`` changes whenever documents, encoder or settings change.
    """

    documents: tuple[Document, ...]
    paragraphs: tuple[Paragraph, ...]
    signals: Signals
    tokeniser: Tokeniser
    defined: Mapping[str, str]
    encoder: Encoder
    fingerprint: str
    config: SearchConfig = field(default_factory=SearchConfig)
    _rows: Mapping[str, int] = field(default_factory=dict, repr=False)
    _documents: Mapping[str, int] = field(default_factory=dict, repr=False)

    # --- making -------------------------------------------------------------------------------

    @classmethod
    def build(
        cls,
        corpus: Corpus | Merged,
        *,
        encoder: Encoder | None = None,
        progress: bool = False,
        reuse: Index | None = None,
        config: SearchConfig | None = None,
    ) -> Index:
        """Index a corpus; vectors of unchanged texts are taken over from ``reuse``.

        Raises ``ValueError`` for a corpus without paragraphs or with an id used twice.
        """
        documents, paragraphs = tuple(corpus.documents), tuple(corpus.paragraphs)
        _check(documents, paragraphs)
        encoder = encoder or open_encoder(setting("ENCODER"))
        folded = [fold(searched_text(paragraph)) for paragraph in paragraphs]
        defined = definitions(folded)
        tokeniser = Tokeniser([*bundled().words(), *defined])
        by_id = {document.id: number for number, document in enumerate(documents)}
        document_of = np.array([by_id[p.doc_id] for p in paragraphs], np.int64)
        sections: dict[tuple[str, ...], int] = {}
        section_of = np.array([sections.setdefault(p.section, len(sections)) for p in paragraphs], np.int64)
        postings = _postings(documents, list(sections), folded, tokeniser, progress)
        postings["slots"] = Postings.build(row_slots(paragraphs))
        dense, hashes = _embed(documents, paragraphs, document_of, encoder, reuse, progress)
        signals = Signals.build(
            documents, paragraphs, folded, document_of, section_of, postings, dense, hashes, bundled_words()
        )
        return cls._assemble(documents, paragraphs, signals, tokeniser, defined, encoder, config)

    @classmethod
    def _assemble(
        cls,
        documents: tuple[Document, ...],
        paragraphs: tuple[Paragraph, ...],
        signals: Signals,
        tokeniser: Tokeniser,
        defined: Mapping[str, str],
        encoder: Encoder,
        config: SearchConfig | None = None,
    ) -> Index:
        digest = hashlib.sha256(f"{store.FORMAT} {encoder.fingerprint}".encode())
        for document in documents:
            digest.update(f"{document.id} {document.title} {document.date} {document.session} ".encode())
            digest.update(text_hash(document.text).encode())
        for paragraph in paragraphs:
            digest.update(f"{paragraph.id} {paragraph.start} {paragraph.end}".encode())
        digest.update("\n".join(tokeniser.dictionary).encode())
        return cls(
            documents=documents,
            paragraphs=paragraphs,
            signals=signals,
            tokeniser=tokeniser,
            defined=defined,
            encoder=encoder,
            fingerprint=digest.hexdigest()[:16],
            config=config or SearchConfig(reranker=setting("RERANKER")),
            _rows={paragraph.id: row for row, paragraph in enumerate(paragraphs)},
            _documents={document.id: number for number, document in enumerate(documents)},
        )

    def save(self, folder: str | Path) -> None:
        """Write the index into a folder; one that is there is replaced in a single step."""
        counts = np.bincount(self.signals.document_of, minlength=len(self.documents))
        settings = {
            "encoder": {
                "name": self.encoder.name,
                "fingerprint": self.encoder.fingerprint,
                "dimension": self.encoder.dimension,
            },
            "paragraphs": len(self.paragraphs),
            "documents": [
                {"id": d.id, "title": d.title, "sha256": text_hash(d.text), "paragraphs": int(n)}
                for d, n in zip(self.documents, counts, strict=True)
            ],
            "defined": dict(self.defined),
            "dictionary": list(self.tokeniser.dictionary),
        }
        store.write(
            Path(folder),
            documents=self.documents,
            paragraphs=self.paragraphs,
            arrays=self.signals.arrays(),
            settings=settings,
            fingerprint=self.fingerprint,
        )

    @classmethod
    def open(
        cls, folder: str | Path, *, encoder: Encoder | None = None, config: SearchConfig | None = None
    ) -> Index:
        """Open a saved index.

        Without ``encoder``, the one named by ENCODER, else the one the index was built with, is used.
        Raises ``store.IndexNotFound``, ``store.IndexDamaged`` or ``store.EncoderMismatch``.
        """
        manifest, documents, paragraphs, arrays = store.read(Path(folder))
        built_with = manifest["encoder"]
        encoder = encoder or open_encoder(setting("ENCODER") or built_with["name"])
        if encoder.fingerprint != built_with["fingerprint"]:
            raise store.EncoderMismatch(
                f"The index in {folder} was built with the encoder {built_with['name'] or 'models/default'} "
                f"({built_with['fingerprint']}, {built_with['dimension']} numbers); in use is "
                f"{encoder.name or 'models/default'} ({encoder.fingerprint}, {encoder.dimension} numbers). "
                f"Set ENCODER to the former, or build again: python -m index build DOCUMENTS --index {folder}"
            )
        try:
            signals = Signals.from_arrays(arrays)
        except KeyError as error:
            raise store.IndexDamaged(
                f"The index in {folder} lacks {error}; another version of this program wrote it. "
                f"Build it again: python -m index build DOCUMENTS --index {folder}"
            ) from error
        index = cls._assemble(
            tuple(documents),
            tuple(paragraphs),
            signals,
            Tokeniser(manifest["dictionary"]),
            manifest["defined"],
            encoder,
            config,
        )
        return replace(index, fingerprint=manifest["fingerprint"])

    def with_config(self, config: SearchConfig) -> Index:
        """The same index searched with other switches; nothing is copied."""
        return replace(self, config=config)

    # --- reading ------------------------------------------------------------------------------

    def search(self, query: str, k: int = 10, *, filters: Filters | None = None) -> list[Hit]:
        """The ``k`` best paragraphs, best first; [] for an empty question or filters that admit nothing."""
        if k < 1 or not query.strip():
            return []
        analysis = self.analyse(query)
        vector = self.encoder.encode([encodable(query)], "query")[0] if self.config.dense else None
        allowed = None
        if filters is not None:
            admitted = np.array([filters.admits(document) for document in self.documents], bool)
            allowed = admitted[self.signals.document_of]
        words = bundled_words() if self.config.alignment else None
        ranked = rank(
            self.signals, analysis, vector, self.config, k, allowed, text_of=self.folded, words=words
        )
        if self.config.reranker:
            from index.reranker import open_reranker

            texts = [self.context(row) for row, _, _ in ranked[: self.config.reranked]]
            ranked = open_reranker(self.config.reranker).reorder(query, texts, ranked)
        best = ranked[:k]
        rows = np.array([row for row, _, _ in best], np.int64)
        cosines = (
            [None] * len(best) if vector is None else self.signals.dense.similarities(vector, rows).tolist()
        )
        return [
            Hit(self.paragraphs[row], score, number, parts, cosine)
            for number, ((row, score, parts), cosine) in enumerate(zip(best, cosines, strict=True), 1)
        ]

    def analyse(self, query: str) -> Analysis:
        """The question as the legs see it."""
        return analyse(query, self.tokeniser, bundled(), self.defined, translate=self.config.thesaurus)

    def expansions(self, query: str) -> tuple[Expansion, ...]:
        """The other names the search used for what the question names."""
        return self.analyse(query).expansions

    def folded(self, row: int) -> str:
        """The text of a paragraph as it is matched."""
        return _folded(searched_text(self.paragraphs[row]))

    def context(self, row: int) -> str:
        """A paragraph with its document's title and headings, as encoders and rerankers read it."""
        paragraph = self.paragraphs[row]
        return _embedding_text(self.documents[self.signals.document_of[row]], paragraph, paragraph.text)

    def paragraph(self, paragraph_id: str) -> Paragraph:
        """The paragraph of that id; ``KeyError`` where there is none."""
        return self.paragraphs[self._rows[paragraph_id]]

    def document(self, doc_id: str) -> Document:
        """The document of that id with its whole text; ``KeyError`` where there is none."""
        return self.documents[self._documents[doc_id]]

    def neighbours(self, paragraph_id: str, n: int = 1) -> list[Paragraph]:
        """Up to ``n`` paragraphs before and after, in the order of the document, without itself."""
        row = self._rows[paragraph_id]
        near = range(max(0, row - n), min(len(self.paragraphs), row + n + 1))
        own = self.paragraphs[row].doc_id
        return [self.paragraphs[i] for i in near if i != row and self.paragraphs[i].doc_id == own]


@dataclass(frozen=True, slots=True)
class Merged:
    """What ``Index.build`` needs of a corpus, put together from an index and newly read documents."""

    documents: tuple[Document, ...]
    paragraphs: tuple[Paragraph, ...]


def merged(old: Index, new: Corpus | None, remove: Sequence[str] = ()) -> tuple[Merged, dict[str, list[str]]]:
    """The documents of ``old`` with those of ``new`` put in their place or added, and what changed.

    A document counts as changed when it or its paragraphs differ; the second value lists document
    ids under ``added``, ``changed``, ``unchanged`` and ``removed``.
    """
    documents = {document.id: document for document in old.documents if document.id not in remove}
    paragraphs: dict[str, list[Paragraph]] = {}
    for paragraph in old.paragraphs:
        paragraphs.setdefault(paragraph.doc_id, []).append(paragraph)
    changes: dict[str, list[str]] = {"added": [], "changed": [], "unchanged": [], "removed": list(remove)}
    for document in new.documents if new is not None else ():
        own = [p for p in new.paragraphs if p.doc_id == document.id] if new is not None else []
        if document.id not in documents:
            kind = "added"
        else:
            same = documents[document.id] == document and paragraphs.get(document.id) == own
            kind = "unchanged" if same else "changed"
        changes[kind].append(document.id)
        documents[document.id], paragraphs[document.id] = document, own
    kept = tuple(p for doc_id in documents for p in paragraphs.get(doc_id, ()))
    return Merged(tuple(documents.values()), kept), changes


def searched_text(paragraph: Paragraph) -> str:
    """The paragraph's text with its footnotes; a table row also with the headings that complete it.

    A row says little without the day or column it stands under, and a fact in a footnote is found by
    the paragraph the footnote belongs to.
    """
    before = paragraph.section if paragraph.kind == "row" else ()
    return "\n".join([*before, paragraph.text, *(note.text for note in paragraph.footnotes)])


def text_hash(text: str) -> str:
    """SHA-256 of a text; lone surrogates of damaged input are hashed too."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


@lru_cache(maxsize=8192)
def _folded(text: str) -> str:
    return fold(text)


def _check(documents: Sequence[Document], paragraphs: Sequence[Paragraph]) -> None:
    if not paragraphs:
        raise ValueError("There is nothing to index: the documents have no paragraphs.")
    known = {document.id for document in documents}
    seen: set[str] = set()
    for paragraph in paragraphs:
        if paragraph.doc_id not in known:
            raise ValueError(f"Paragraph {paragraph.id!r} belongs to unknown document {paragraph.doc_id!r}.")
        if paragraph.id in seen:
            raise ValueError(f"Paragraph id {paragraph.id!r} is used twice.")
        seen.add(paragraph.id)


def _postings(
    documents: Sequence[Document],
    sections: Sequence[tuple[str, ...]],
    folded: Sequence[str],
    tokeniser: Tokeniser,
    progress: bool,
) -> dict[str, Postings]:
    """BM25 indexes of the texts, the heading paths and the documents' titles with session and date."""
    from tqdm import tqdm

    bar = tqdm(folded, desc="words", unit="paragraph", disable=not progress or len(folded) < 5000 or None)
    titles = [f"{d.title} {d.symbol or ''} {d.session or ''} {d.date or ''}" for d in documents]
    return {
        "words": Postings.build(tokeniser.terms(text) for text in bar),
        "bigrams": Postings.build(bigrams(text) for text in folded),
        "section": Postings.build(_both(tokeniser, " ".join(section)) for section in sections),
        "title": Postings.build(_both(tokeniser, title) for title in titles),
    }


def _both(tokeniser: Tokeniser, text: str) -> list[str]:
    folded = fold(text)
    return [*tokeniser.terms(folded), *bigrams(folded)]


def _embedding_text(document: Document, paragraph: Paragraph, text: str) -> str:
    """Title and headings before the text, so that a paragraph is understood where it stands."""
    context = [document.title, *paragraph.section]
    return "\n".join(part for part in (" / ".join(filter(None, context)), text) if part)


def _embed(
    documents: Sequence[Document],
    paragraphs: Sequence[Paragraph],
    document_of: NDArray[np.int64],
    encoder: Encoder,
    reuse: Index | None,
    progress: bool,
) -> tuple[DenseIndex, NDArray[np.uint64]]:
    """Vectors of all windows; a window whose text an earlier index has embedded is not embedded again."""
    texts: list[str] = []
    owners: list[int] = []
    for row, paragraph in enumerate(paragraphs):
        document = documents[document_of[row]]
        room = max(encoder.window - len(_embedding_text(document, paragraph, "")), encoder.window // 2)
        for window in windows(_spaces(encodable(paragraph.text)), room):
            texts.append(_embedding_text(document, paragraph, window))
            owners.append(row)
    hashes = np.array([int(text_hash(text)[:16], 16) for text in texts], np.uint64)
    vectors = np.zeros((len(texts), encoder.dimension), np.float32)
    known = np.zeros(len(texts), bool)
    if reuse is not None and reuse.encoder.fingerprint == encoder.fingerprint:
        old, first = np.unique(reuse.signals.hashes, return_index=True)
        place = np.searchsorted(old, hashes).clip(0, len(old) - 1)
        known = old[place] == hashes
        vectors[known] = reuse.signals.dense.vectors()[first[place[known]]]
    fresh = np.flatnonzero(~known)
    if len(fresh):
        vectors[fresh] = encoder.encode([texts[i] for i in fresh], "document", progress=progress)
    return DenseIndex.build(vectors, owners), hashes


def _spaces(text: str) -> str:
    return re.sub(r"[ \t]+", " ", text)


def open_index(folder: str | Path = "", **options: Any) -> Index:
    """The index in the folder, or in INDEX_DIR (``data/index``)."""
    return Index.open(folder or setting("INDEX_DIR", "data/index"), **options)
