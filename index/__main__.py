"""Build, update and search an index.

python -m index build corpus/ --index data/index
python -m index update new-report.docx
python -m index info
python -m index search "2019年的会议由谁主持？" -k 5
python -m index search "asset declarations" --filter "year=2017,2019" --json
python -m index search --questions questions.jsonl -k 20 --json -o hits.jsonl
python -m index train --questions eval/sets/real.jsonl --documents ../shared/corpus
python -m index thesaurus --export skos -o thesaurus.ttl
python -m index lexicon --pairs ../shared/data/pairs/un_enzh.jsonl.gz -o index/lexicon_en_zh.tsv
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from index.settings import setting

if TYPE_CHECKING:
    from index.encoder import Encoder
    from index.hits import Hit
    from index.query import Filters
    from index.retrieval import Index
    from ingest.corpus import Corpus


def parser() -> argparse.ArgumentParser:
    """The command line of the index stage."""
    main = argparse.ArgumentParser(
        prog="python -m index", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    verbs = main.add_subparsers(dest="verb", required=True, metavar="VERB")
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--index", type=Path, help="folder of the index (default: INDEX_DIR or data/index)")
    shared.add_argument(
        "--encoder", help="encoder by name, folder or endpoint (default: ENCODER or the bundled model)"
    )

    build = verbs.add_parser("build", parents=[shared], help="index documents, replacing what was there")
    build.add_argument("paths", nargs="+", type=Path, help="documents, or folders of them")
    update = verbs.add_parser(
        "update", parents=[shared], help="add new and changed documents, keep the others"
    )
    update.add_argument("paths", nargs="*", type=Path, help="documents, or folders of them")
    update.add_argument("--remove", action="append", default=[], metavar="ID", help="take a document out")
    info = verbs.add_parser("info", parents=[shared], help="say what an index holds")
    info.add_argument("--json", action="store_true", help="as one JSON object")
    _add_search(verbs, shared)
    train = verbs.add_parser("train", parents=[shared], help="learn the weights of the ranker")
    train.add_argument(
        "--questions", type=Path, nargs="+", required=True, help="questions with gold sources, JSON lines"
    )
    train.add_argument(
        "--documents", type=Path, nargs="+", required=True, help="the documents they ask about"
    )
    train.add_argument(
        "--passages",
        type=Path,
        help="questions on other text to learn from as well (python -m training heldout)",
    )
    train.add_argument("-o", "--output", type=Path, help="where to write the weights (default: only report)")
    words = verbs.add_parser("thesaurus", help="check, look up or export the thesaurus")
    words.add_argument("term", nargs="?", help="show what a term or question expands to")
    words.add_argument("--export", choices=("skos",), help="write all concepts in this format")
    words.add_argument("-o", "--output", type=Path, help="file to write (default: standard output)")
    lexicon = verbs.add_parser("lexicon", help="learn which Chinese words translate an English word")
    lexicon.add_argument("--pairs", type=Path, required=True, help="sentence pairs, .jsonl.gz of q and p")
    lexicon.add_argument("-o", "--output", type=Path, required=True, help="table to write")
    return main


def _add_search(verbs: Any, shared: argparse.ArgumentParser) -> None:
    search = verbs.add_parser("search", parents=[shared], help="find paragraphs")
    search.add_argument("query", nargs="?", help="a question")
    search.add_argument("--questions", type=Path, help="many questions, one JSON object a line: id, question")
    search.add_argument("-k", type=int, default=10, help="how many paragraphs (default: 10)")
    search.add_argument("--filter", default="", help="for example: year=2019,2023 session=10届 document=ID")
    search.add_argument("--reranker", help="CrossEncoder by name or folder (default: RERANKER)")
    search.add_argument("--json", action="store_true", help="JSON lines instead of text")
    search.add_argument("-o", "--output", type=Path, help="file to write (default: standard output)")


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; 0 when it worked, 2 with a message on stderr when it could not."""
    args = parser().parse_args(argv)
    verbs = {"build": _build, "update": _update, "info": _info, "search": _search, "train": _train,
             "thesaurus": _thesaurus, "lexicon": _lexicon}  # fmt: skip
    try:
        return verbs[args.verb](args)
    except BrokenPipeError:  # the reader of our output has seen enough, as in: … | head
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (ValueError, OSError, RuntimeError) as error:  # what the stages raise for bad input
        print(f"python -m index {args.verb}: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130


def _folder(args: argparse.Namespace) -> Path:
    return args.index or Path(setting("INDEX_DIR", "data/index"))


def _encoder(args: argparse.Namespace) -> Encoder:
    """The encoder for a new index: ``--encoder``, ENCODER, or the bundled model."""
    from index.encoder import open_encoder

    return open_encoder(setting("ENCODER") if args.encoder is None else args.encoder)


def _open(args: argparse.Namespace) -> Index:
    """The saved index, with its own encoder unless another is named."""
    from index.retrieval import Index

    return Index.open(_folder(args), encoder=None if args.encoder is None else _encoder(args))


def _earlier(folder: Path, encoder: Encoder) -> Index | None:
    """The index already in the folder, for its vectors; None where there is none of use."""
    from index.retrieval import Index
    from index.store import EncoderMismatch, IndexDamaged, IndexNotFound

    try:
        return Index.open(folder, encoder=encoder)
    except (IndexNotFound, EncoderMismatch):
        return None
    except IndexDamaged as error:
        print(f"The old index is not used: {error}", file=sys.stderr)
        return None


def _load(paths: Sequence[Path]) -> Corpus:
    """The documents; those that cannot be read are named on stderr, and nothing readable is an error."""
    from ingest.corpus import load

    corpus = load(paths, progress=True)
    for report in corpus.reports:
        if not report.read:
            print(f"{report.path}: {report.status}: {report.message}", file=sys.stderr)
    if not corpus.paragraphs:
        raise ValueError(f"Nothing could be read in {', '.join(map(str, paths))}.")
    return corpus


def _build(args: argparse.Namespace) -> int:
    from index.retrieval import Index

    encoder = _encoder(args)  # before anything is read: a wrong name should not cost minutes
    corpus = _load(args.paths)
    index = Index.build(corpus, encoder=encoder, progress=True, reuse=_earlier(_folder(args), encoder))
    index.save(_folder(args))
    print(_summary(index, _folder(args)), file=sys.stderr)
    return 0


def _update(args: argparse.Namespace) -> int:
    from index.retrieval import Index, merged

    if not args.paths and not args.remove:
        raise ValueError("Name documents to add, or --remove ID.")
    old = _open(args)
    if unknown := set(args.remove) - {document.id for document in old.documents}:
        raise ValueError(f"The index has no document {', '.join(sorted(unknown))}; see python -m index info.")
    corpus, changes = merged(old, _load(args.paths) if args.paths else None, args.remove)
    print(", ".join(f"{len(ids)} {what}" for what, ids in changes.items()), file=sys.stderr)
    if not any(changes[what] for what in ("added", "changed", "removed")):
        return 0
    index = Index.build(corpus, encoder=old.encoder, progress=True, reuse=old)
    index.save(_folder(args))
    print(_summary(index, _folder(args)), file=sys.stderr)
    return 0


def _summary(index: Index, folder: Path) -> str:
    return (
        f"{len(index.documents)} documents, {len(index.paragraphs)} paragraphs, encoder "
        f"{index.encoder.name or 'models/default'} ({index.encoder.dimension} numbers): {folder}"
    )


def _info(args: argparse.Namespace) -> int:
    from index.store import read_manifest

    manifest = read_manifest(_folder(args))
    manifest["bytes"] = sum(int(entry["bytes"]) for entry in manifest["files"].values())
    if args.json:
        kept = {key: value for key, value in manifest.items() if key not in ("dictionary", "files", "data")}
        print(json.dumps(kept, ensure_ascii=False))
        return 0
    encoder = manifest["encoder"]
    print(f"index        {_folder(args)} (format {manifest['format']}, {manifest['bytes'] / 1e6:.1f} MB)")
    print(f"fingerprint  {manifest['fingerprint']}")
    note = " - hashed character n-grams, no trained model" if encoder["name"] == "hashing" else ""
    name = encoder["name"] or "models/default"
    print(f"encoder      {name} ({encoder['fingerprint']}, {encoder['dimension']}){note}")
    print(f"paragraphs   {manifest['paragraphs']} in {len(manifest['documents'])} documents")
    for row in manifest["documents"]:
        print(f"  {row['paragraphs']:5d}  {row['id']}  {row['title']}")
    return 0


def _search(args: argparse.Namespace) -> int:
    from dataclasses import replace

    from index.query import parse_filter

    if (args.query is None) == (args.questions is None):
        raise ValueError('Give one question in quotes, or --questions FILE: python -m index search "问题"')
    if args.k < 1:
        raise ValueError(f"-k must be 1 or more, not {args.k}.")
    filters = parse_filter(args.filter) if args.filter else None
    questions = None if args.questions is None else list(read_questions(args.questions))
    index = _open(args)
    if args.reranker is not None:
        index = index.with_config(replace(index.config, reranker=args.reranker))
    with _output(args.output) as out:
        if questions is None:
            _one(index, args, filters, out)
        else:
            _bulk(index, questions, args, filters, out)
    return 0


def _one(index: Index, args: argparse.Namespace, filters: Filters | None, out: TextIO) -> None:
    hits = index.search(args.query, args.k, filters=filters)
    if args.json:
        names = [
            {"matched": e.matched, "term": e.term, "weight": e.weight} for e in index.expansions(args.query)
        ]
        row = {"query": args.query, "hits": [_hit(index, hit) for hit in hits], "expansions": names}
        print(json.dumps(row, ensure_ascii=False), file=out)
        return
    for hit in hits:
        document = index.document(hit.paragraph.doc_id)
        best = sorted(hit.parts.items(), key=lambda part: -part[1])[:4]
        print(
            f"{hit.rank:2d}. {hit.score:6.2f}  {document.cite(hit.paragraph)}  [{hit.paragraph.id}]", file=out
        )
        print(f"    {hit.paragraph.text[:160]}", file=out)
        print(f"    {', '.join(f'{name} {value:.2f}' for name, value in best)}", file=out)
    if not hits:
        print("没有找到。Nothing was found.", file=sys.stderr)


def _hit(index: Index, hit: Hit) -> dict[str, Any]:
    paragraph = hit.paragraph
    return {
        "paragraph_id": paragraph.id, "score": round(hit.score, 6), "rank": hit.rank,
        "citation": index.document(paragraph.doc_id).cite(paragraph), "section": list(paragraph.section),
        "text": paragraph.text, "parts": dict(hit.parts),
    }  # fmt: skip


def _bulk(
    index: Index,
    questions: list[dict[str, Any]],
    args: argparse.Namespace,
    filters: Filters | None,
    out: TextIO,
) -> None:
    from tqdm import tqdm

    for question in tqdm(questions, desc="searching", unit="question", disable=len(questions) < 200 or None):
        hits = index.search(question["question"], args.k, filters=filters)
        found = [{"paragraph_id": h.paragraph.id, "score": round(h.score, 6), "rank": h.rank} for h in hits]
        print(json.dumps({"id": question["id"], "hits": found}, ensure_ascii=False), file=out)


def read_questions(path: Path) -> Iterator[dict[str, Any]]:
    """Questions of a JSON-lines file; ``ValueError`` names the line that has no id or question."""
    return _rows(path, "question line", {"id": object, "question": str})


def _rows(path: Path, what: str, needed: Mapping[str, type]) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8-sig") as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
                wrong = [name for name, kind in needed.items() if not isinstance(row[name], kind)]
                if wrong:
                    raise TypeError(f"{wrong[0]} is not of the right kind")
            except (ValueError, KeyError, TypeError) as error:
                raise ValueError(
                    f"{path}:{number}: not a {what} with {' and '.join(needed)} ({error})"
                ) from error
            yield row


def _output(path: Path | None) -> Any:
    from contextlib import nullcontext

    if path is None:
        return nullcontext(sys.stdout)
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.open("w", encoding="utf-8", newline="\n")


def _train(args: argparse.Namespace) -> int:
    from index.learning import learn

    corpus = _load(args.documents)
    questions = [row for path in args.questions for row in read_questions(path)]
    needed = {"passage": str, "questions": list}
    other = list(_rows(args.passages, "passage line", needed)) if args.passages else []
    report = learn(corpus, questions, _encoder(args), other)
    text = json.dumps(report, ensure_ascii=False, indent=1)
    if args.output is not None:
        args.output.write_text(text + "\n", encoding="utf-8")
    print(text)
    return 0


def _thesaurus(args: argparse.Namespace) -> int:
    from index.normalise import fold
    from index.thesaurus import COLUMNS, Thesaurus, problems, read_concepts, to_skos

    concepts = read_concepts()
    if args.term:
        for expansion in Thesaurus(concepts).expand(fold(args.term)):
            print(f"{expansion.weight:.2f}  {expansion.matched} -> {expansion.term}  ({expansion.relation})")
        return 0
    if args.export:
        with _output(args.output) as out:
            out.write(to_skos(concepts))
        return 0
    faults = problems(concepts)
    print("\n".join([f"{len(concepts)} concepts, {len(COLUMNS)} columns, {len(faults)} faults", *faults]))
    return 2 if faults else 0


def _lexicon(args: argparse.Namespace) -> int:
    from index.lexicon import learn_lexicon, sentence_pairs, write_lexicon

    table = learn_lexicon(sentence_pairs(args.pairs))
    write_lexicon(table, args.output)
    print(f"{len(table)} English words: {args.output}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
