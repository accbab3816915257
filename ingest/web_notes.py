"""Footnotes of web pages: marks linked to notes, or raised marks and the blocks that begin with them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from ingest.assembly import Inline
from ingest.web_page import BLOCKS, Element, bare_text, tag_of

_NOTE_LABEL = re.compile(r"[\[(（〔]?\s*(\d{1,3}|[a-z]{1,3}|[ivx]{1,6}|[*†‡§]{1,3})\s*[\])）〕]?\.?")
_BACK = re.compile(r"[↩︎⏎^↑]+")


@dataclass(slots=True)
class Notes:
    """The elements that are marks and those that are notes, each with its label."""

    marks: dict[Element, str] = field(default_factory=dict)
    blocks: dict[Element, str] = field(default_factory=dict)


def find_notes(main: Element) -> Notes:
    """Marks and the blocks of the notes they link to; without any link, raised marks and their answers."""
    notes = Notes()
    order = {element: number for number, element in enumerate(main.iter())}
    names: dict[str, Element] = {}
    for element in order:
        for name in (element.get("id"), element.get("name") if tag_of(element) == "a" else None):
            if name:
                names.setdefault(name, element)
    for link in main.iter("a"):
        href = link.get("href") or ""
        label = _NOTE_LABEL.fullmatch(str(link.text_content()).strip())
        target = names.get(href.rpartition("#")[2]) if "#" in href and label else None
        if target is None or label is None or order[target] <= order[link]:
            continue
        block = _note_block(target, link)
        if block is not None and _is_note(block, label[1], link):
            notes.marks[link] = label[1]
            notes.blocks.setdefault(block, label[1])
    if not notes.blocks:
        _find_raised_notes(main, notes)
    return notes


def _find_raised_notes(main: Element, notes: Notes) -> None:
    """Notes without links: a block that begins with a raised mark answers the same mark above it."""
    raised: dict[str, list[Element]] = {}
    for element in main.iter("sup"):
        label = _NOTE_LABEL.fullmatch(str(element.text_content()).strip())
        if label is None or element.find(".//sup") is not None:
            continue
        parent = element.getparent()
        while parent is not None and tag_of(parent) not in BLOCKS:
            parent = parent.getparent()
        leads = parent is not None and bare_text(parent) != bare_text(element) and _leads(parent, element)
        if leads and label[1] in raised:
            notes.blocks[parent] = label[1]
            notes.marks[raised[label[1]].pop(0)] = label[1]
            if not raised[label[1]]:
                del raised[label[1]]
        else:
            raised.setdefault(label[1], []).append(element)


def note_text(element: Element, label: str) -> str:
    """The text of a note without its label and the way back."""
    inline = Inline()
    _add_text(element, inline)
    text = _BACK.sub("", inline.flat()[0]).strip()
    pattern = re.compile(r"[\[(（〔]?" + re.escape(label) + r"[\])）〕]?[.、]?\s*")
    while (match := pattern.match(text)) and (
        not label.isalnum() or not text[match.end() - 1 :][1:2].isdigit()
    ):
        rest = text[match.end() :].strip()
        if not rest or (label.isalpha() and match[0] == label):
            break
        text = rest
        if label.isalnum():
            break
    return text


def _note_block(target: Element, link: Element) -> Element | None:
    """The block that holds a note, from the element its mark links to; None if the mark is inside."""
    block = target
    while block is not None and tag_of(block) not in ("li", "p", "div", "dd", "td", "aside"):
        block = block.getparent()
    if block is None:
        return None
    parent = block.getparent()
    names = f"{parent.get('id') or ''} {parent.get('class') or ''} {parent.get('style') or ''}".lower()
    if tag_of(parent) == "div" and re.search(
        r"\b(?:sd)?(?:foot|end)?note?\d|\bftn\d|\bedn\d|mso-element:\s*(?:foot|end)note\b", names
    ):
        block = parent
    return None if link in block.iter() else block


def _is_note(block: Element, label: str, link: Element) -> bool:
    """A note begins with its label, links back, or is an item of a list of notes."""
    text = str(block.text_content()).strip().lstrip("[(（〔")
    if text.startswith(label):
        return True
    homes = {link.get("id"), link.get("name")}
    for around in link.iterancestors():
        if tag_of(around) in BLOCKS:
            break
        homes.add(around.get("id"))
    return any((back.get("href") or "").rpartition("#")[2] in homes - {None, ""} for back in block.iter("a"))


def _leads(block: Element, element: Element) -> bool:
    """Whether an element stands at the very beginning of a block's text."""
    return (
        bare_text(block).startswith(bare_text(element))
        and not (block.text or "").strip()
        and next((True for first in block.iter("sup") if first is element), False)
    )


def _add_text(element: Element, inline: Inline) -> None:
    inline.add_source(element.text or "")
    for inner in element:
        if tag_of(inner) in ("br", "p", "div", "li"):
            inline.soft_break()
        _add_text(inner, inline)
        inline.add_source(inner.tail or "")
