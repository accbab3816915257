"""The same document printed in many layouts must come back as the same numbered paragraphs.

The layouts are rendered here, from the sample documents' paragraphs: hard wraps of several widths,
blank lines everywhere, between paragraphs or nowhere, page breaks with headers, footers and
footnotes in the middle of paragraphs, several ways to write a paragraph number.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from ingest.corpus import load
from ingest.inline import columns
from ingest.layout import lay_out
from ingest.structure import structure

CORPUS = Path(__file__).parent.parent / "corpus"


# Stand-ins for footnote marks while lines are wrapped: a superscript never opens a line.
MARK_OF = {number: chr(0xE100 + number) for number in range(1, 40)}
NUMBER_OF = {mark: number for number, mark in MARK_OF.items()}
MARKS = set(NUMBER_OF)


@dataclass(frozen=True)
class Print:
    """How a document is printed."""

    wrap: int | None = None
    blank: str = "between"  # all | between | none
    end_space: bool = False
    page: str = "none"  # none | form feed | footer | header | number | chinese
    page_lines: int = 22
    number: str = "{}. "
    indent: str = ""
    notes: bool = False
    rule: bool = True


@dataclass(frozen=True)
class Part:
    kind: str  # heading | paragraph | item
    text: str
    number: int = 0
    note: str = ""


def source_parts() -> list[Part]:
    """Headings and paragraphs of two sample documents, numbered through from 1."""
    corpus = load([CORPUS / "sample_01_prevention_guide.txt", CORPUS / "sample_09_cooperation.txt"])
    parts: list[Part] = []
    section: tuple[str, ...] = ()
    number = 0
    titles = iter("一二三四五六七八九")
    for paragraph in corpus.paragraphs:
        if paragraph.number is None:
            continue
        if paragraph.section != section:
            section = paragraph.section
            bare = re.sub(r"^\S{1,3}[.、．]\s*", "", section[-1]) if section else "合作"
            label = next(titles, "")
            parts.append(Part("heading", f"{label}. {bare}" if label and len(section) < 2 else bare))
        number += 1
        lines = [re.sub(r"\s+", "", line) for line in paragraph.text.split("\n")]
        note = f"见第{number}号背景文件所载说明。" if number % 7 == 3 else ""
        parts.append(Part("paragraph", lines[0], number, note))
        parts += [Part("item", line.replace(")", ") ", 1)) for line in lines[1:]]
    return parts


def wrap(text: str, width: int) -> Iterator[str]:
    line = ""
    for token in re.findall(r"[\x21-\x7e]+|\s|.", text):
        if columns(line + token) > width and line and token not in "，。；：、）》”" and token not in MARKS:
            yield line.rstrip()
            line = ""
        line += token if line or not token.isspace() else ""
    if line:
        yield line.rstrip()


def printed(parts: list[Part], how: Print) -> str:
    """The document as text in the given layout."""
    lines: list[str] = []
    page_notes: list[str] = []
    on_page, page, note_number = 0, 1, 0
    for part in parts:
        text = part.text
        if part.kind == "paragraph":
            text = how.number.format(part.number) + text
        if part.note and how.notes:
            note_number += 1
            mark = MARK_OF[note_number]
            text = text[:-1] + mark + text[-1] if note_number % 2 else text + mark
        pieces = list(wrap(how.indent + text, how.wrap)) if how.wrap else [text]
        if how.wrap and how.indent:
            pieces[0] = how.indent + pieces[0].lstrip()
        for n, piece in enumerate(pieces):
            last = n == len(pieces) - 1
            for mark in MARKS & set(piece) if how.notes else ():
                piece = piece.replace(mark, str(NUMBER_OF[mark]))
                page_notes.append(f" {NUMBER_OF[mark]}  {part.note}")
            lines.append(piece + (" " if how.end_space and last else ""))
            if how.blank == "all":
                lines.append("")
            on_page += 1
            if how.page != "none" and on_page >= how.page_lines and not (last and part.kind == "heading"):
                lines += page_break(how, page, page_notes)
                on_page, page, page_notes = 0, page + 1, []
        if how.blank == "between":
            lines.append("")
    lines += page_break(how, page, page_notes, final=True) if page_notes else []
    return "\n".join(lines) + "\n"


def page_break(how: Print, page: int, notes: list[str], final: bool = False) -> list[str]:
    rule = ["", "__________________", ""] if how.rule else [""]
    foot = [*rule, *[note + (" " if how.end_space else "") for note in notes]] if notes else []
    if final:
        return foot
    if how.page == "form feed":
        return [*foot, "\f"]
    if how.page == "footer":
        return [*foot, "", f"V.24-01234 {page}/20", "", "CAC/COSP/2024/99", ""]
    if how.page == "header":
        return [*foot, "", f"{page}/20 V.24-01234", "", "\fCAC/COSP/2024/99", ""]
    if how.page == "number":
        return [*foot, "", f"- {page} -", ""]
    return [*foot, "", f"第 {page} 页 共 20 页", ""]


def squeeze(text: str) -> str:
    return re.sub(r"\s+", "", text)


PARTS = source_parts()

WRAPS = [
    Print(wrap=w, blank=b, end_space=s, page=p, notes=n, page_lines=lines)
    for w, b, s, (p, n), lines in itertools.product(
        (64, 72, 76),
        ("all", "between", "none"),
        (True, False),
        (
            ("none", False),
            ("form feed", True),
            ("footer", True),
            ("header", True),
            ("number", False),
            ("chinese", True),
        ),
        (19, 24),
    )
]
LINES = [
    Print(blank=b, number=n)
    for b, n in itertools.product(
        ("between", "none"), ("{}. ", "{}.", "{}、", "{}．", "{}\\. ", "**{}.** ", "## {}. ")
    )
]
OTHERS = [
    Print(wrap=70, blank="none", indent="　　", page="form feed", notes=True),
    Print(wrap=70, blank="between", indent="    ", page="footer", notes=True),
    Print(wrap=70, blank="none", number="{}、", page="number"),
    Print(wrap=70, blank="between", number="{}．"),
]


@pytest.mark.parametrize("how", [*WRAPS, *LINES, *OTHERS], ids=str)
def test_the_same_paragraphs_in_every_layout(how: Print) -> None:
    text = printed(PARTS, how)
    built = structure(lay_out(text), "D")
    got = {p.number: squeeze(p.text) for p in built.paragraphs if p.number}
    expected: dict[str, str] = {}
    for part in PARTS:
        if part.kind == "paragraph":
            expected[str(part.number)] = squeeze(part.text)
        elif part.kind == "item":
            expected[str(list(expected)[-1])] += squeeze(part.text)
    assert [p.number for p in built.paragraphs if p.kind == "paragraph"] == list(expected)
    assert got == expected
    if how.notes:
        notes = {p.number: [squeeze(n.text) for n in p.footnotes] for p in built.paragraphs if p.footnotes}
        assert notes == {str(part.number): [part.note] for part in PARTS if part.note}
    assert [squeeze(title) for title in built.headings] == [
        squeeze(part.text) for part in PARTS if part.kind == "heading"
    ]
