"""Fuzzes the readers: damaged and nonsensical files must end as a document or as one clear line.

    PYTHONPATH=.:tests python tests/fuzz_ingest.py --seconds 60            # make fuzz
    PYTHONPATH=.:tests python tests/fuzz_ingest.py --formats docx --seed 7 --keep data/fuzz

Files are made by damaging good ones (bytes, lengths, XML parts) and by nesting random elements. For
each the whole way is run: reader (in the killable child), structure, account of characters. What
fails is kept; its essence belongs into a test. It is not part of the test run.
"""

from __future__ import annotations

import argparse
import copy
import io
import random
import sys
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from document_writers import write_docx, write_html, write_pdf
from word_package import package

from ingest.blocks import Layout
from ingest.readers import TEXTS, read_text
from ingest.sandbox import Limits, Sandbox
from ingest.source import ReadError
from ingest.structure import structure

CORPUS = Path(__file__).resolve().parent.parent / "corpus"
TEXT_PIECES = ("1. ", "(a) ", "一. ", "附件一", "1.1 ", "脚注", "。", "\n", "\t", " ", "¹", "*", "<sup>1</sup>", "|", "第一章", "２．", "\f", "　", "A/RES/58/4", "表1")  # fmt: skip
WORD_TAGS = ("w:p", "w:r", "w:t", "w:tbl", "w:tr", "w:tc", "w:pPr", "w:numPr", "w:sdt", "w:sdtContent", "w:ins", "w:del", "w:footnoteReference", "w:br", "w:tab", "w:fldChar", "w:txbxContent", "mc:AlternateContent", "mc:Choice", "w:hyperlink")  # fmt: skip
WORD_ATTRIBUTES = ('w:val="1"', 'w:val="-7"', 'w:val="x"', 'w:id="2"', 'w:fldCharType="begin"', 'w:customMarkFollows="1"')  # fmt: skip
HTML_TAGS = ("p", "ol", "ul", "li", "table", "tr", "td", "h1", "h3", "div", "sup", "a", "br", "nav", "pre", "main", "span", "ruby", "caption", "section")  # fmt: skip
HTML_ATTRIBUTES = ("start=9", "start=-1", "type=a", "reversed", "value=x", "colspan=99", "rowspan=3", "href='#n'", "id=n", "hidden", "role=main")  # fmt: skip


def damaged(data: bytes, chance: random.Random) -> bytes:
    """Some bytes changed, cut out, doubled, or the end torn off."""
    out = bytearray(data)
    for _ in range(chance.choice((1, 3, 20))):
        at = chance.randrange(len(out) or 1)
        what = chance.randrange(4)
        if what == 0 and out:
            out[at] = chance.randrange(256)
        elif what == 1:
            del out[at : at + chance.randrange(200)]
        elif what == 2:
            out[at:at] = out[at : at + chance.randrange(300)]
        elif chance.random() < 0.2:
            del out[at:]
    return bytes(out)


def nested(tags: Sequence[str], attributes: Sequence[str], chance: random.Random, depth: int = 0) -> str:
    """Random elements inside one another with random text."""
    out = ""
    for _ in range(chance.randrange(1, 5)):
        tag = chance.choice(tags)
        attribute = f" {chance.choice(attributes)}" if chance.random() < 0.5 else ""
        inner = (
            nested(tags, attributes, chance, depth + 1)
            if depth < 6 and chance.random() < 0.7
            else "".join(chance.choice(TEXT_PIECES) for _ in range(4)).replace("<", "&lt;").replace("\f", "")
        )
        out += f"<{tag}{attribute}>{inner}</{tag}>"
    return out


def reshaped(xml: bytes, chance: random.Random) -> bytes:
    """A well-formed part with elements taken out, doubled, moved, or with other attribute values."""
    from lxml import etree

    root = etree.fromstring(xml)
    for _ in range(chance.choice((1, 3, 10))):
        elements = list(root.iter())[1:]
        if not elements:
            break
        element, other = chance.choice(elements), chance.choice(elements)
        what = chance.randrange(4)
        if what == 0:
            element.getparent().remove(element)
        elif what == 1:
            element.addnext(copy.deepcopy(element))
        elif what == 2 and other not in element.iter():
            other.append(copy.deepcopy(element))
        elif element.attrib:
            element.set(
                chance.choice(list(element.attrib)), chance.choice(("0", "1", "-3", "99999999999", "", "x"))
            )
    return bytes(etree.tostring(root))


def make_docx(good: dict[str, bytes], chance: random.Random) -> bytes:
    """A damaged package, a package with one damaged part, or a body of random elements."""
    choice = chance.random()
    if choice < 0.1:
        return damaged(good["docx"], chance)
    change = damaged if choice < 0.2 else reshaped
    out = io.BytesIO()
    if choice < 0.7:
        with zipfile.ZipFile(io.BytesIO(good["docx"])) as source, zipfile.ZipFile(out, "w") as target:
            names = source.namelist()
            hit = chance.choice(names)
            for name in names:
                data = source.read(name)
                target.writestr(name, change(data, chance) if name == hit else data)
        return out.getvalue()
    with tempfile.TemporaryDirectory() as folder:
        path = package(Path(folder, "x.docx"), nested(WORD_TAGS, WORD_ATTRIBUTES, chance))
        return path.read_bytes()


def make_html(good: dict[str, bytes], chance: random.Random) -> bytes:
    """A damaged page or one of random elements."""
    if chance.random() < 0.4:
        return damaged(good["html"], chance)
    return f"<html><body>{nested(HTML_TAGS, HTML_ATTRIBUTES, chance)}</body></html>".encode()


def make_text(good: dict[str, bytes], chance: random.Random) -> bytes:
    """A damaged text or random pieces of one."""
    if chance.random() < 0.4:
        return damaged(good["txt"], chance)
    return "".join(chance.choice((*TEXT_PIECES, "会议" * 20)) for _ in range(chance.randrange(400))).encode()


MAKERS: dict[str, Callable[[dict[str, bytes], random.Random], bytes]] = {
    "txt": make_text,
    "docx": make_docx,
    "html": make_html,
    "pdf": lambda good, chance: damaged(good["pdf"], chance),
}


def check(layout: Layout) -> None:
    """The promises of every layout and structure; AssertionError when one is broken."""
    owners = Counter[int]()
    parts = [s for b in layout.blocks for s in b.spans] + [s for n in layout.notes for s in n.spans]
    for start, end in parts + [f.span for f in layout.furniture]:
        assert 0 <= start <= end <= len(layout.text), "a span lies outside the text"
        owners.update(range(start, end))
    for at, character in enumerate(layout.text):
        assert character.isspace() or owners[at] == 1, f"character {at} is in {owners[at]} parts"
    for block in layout.blocks:
        assert all(0 <= mark.offset <= len(block.text) for mark in block.marks), "a mark outside its block"
    built = structure(layout, "D")
    ids = [p.id for p in built.paragraphs]
    assert len(ids) == len(set(ids)), "two paragraphs have the same id"
    for paragraph in built.paragraphs:
        assert all(0 <= f.offset <= len(paragraph.text) for f in paragraph.footnotes), "a footnote outside"


def main() -> int:
    """Exit code 0, 1 when something was found."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--formats", nargs="+", choices=sorted(MAKERS), default=sorted(MAKERS))
    parser.add_argument("--keep", type=Path, default=Path("data/fuzz"), help="folder for what fails")
    options = parser.parse_args()
    chance = random.Random(options.seed)
    outcomes: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        good = seeds(folder)
        sandbox = Sandbox(Limits(seconds=20))
        ends = time.monotonic() + options.seconds
        while time.monotonic() < ends:
            form = chance.choice(options.formats)
            data = MAKERS[form](good, chance)
            path = folder / f"case.{form}"
            path.write_bytes(data)
            outcome = run(path, form, sandbox)
            outcomes[f"{form} {outcome.partition(':')[0]}"] += 1
            if outcome.startswith("FOUND"):
                options.keep.mkdir(parents=True, exist_ok=True)
                kept = options.keep / f"case-{sum(outcomes.values())}.{form}"
                kept.write_bytes(data)
                print(f"{kept}: {outcome}", flush=True)
        sandbox.close()
    for outcome, count in sorted(outcomes.items()):
        print(f"{count:6} {outcome}")
    return 1 if any("FOUND" in outcome for outcome in outcomes) else 0


def seeds(folder: Path) -> dict[str, bytes]:
    """A good file of every format, with footnotes, lists, headings and a table."""
    source = CORPUS / "sample_03_annotated_agenda.md"
    layout = read_text(source).layout
    return {
        "txt": (CORPUS / "sample_02_asset_recovery.txt").read_bytes(),
        "docx": write_docx(layout, folder / "good.docx").read_bytes(),
        "html": write_html(layout, folder / "good.html").read_bytes(),
        "pdf": write_pdf(layout, folder / "good.pdf").read_bytes(),
    }


def run(path: Path, form: str, sandbox: Sandbox) -> str:
    """ "read", "refused", or "FOUND: …" for what must not happen."""
    started = time.monotonic()
    try:
        source = TEXTS[".txt"](path) if form == "txt" else sandbox.read(path, f".{form}")
        check(source.layout)
    except ReadError as error:
        bad = (
            "\n" in str(error)
            or "reader failed" in str(error)
            or "crashed" in str(error)
            or "gave" in str(error)
        )
        return f"FOUND: {error}" if bad else "refused"
    except Exception as error:  # anything else is what fuzzing looks for
        return f"FOUND: {type(error).__name__}: {error}"
    return "read" if time.monotonic() - started < 10 else "FOUND: slow"


if __name__ == "__main__":
    sys.exit(main())
