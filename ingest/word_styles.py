"""Paragraph styles of a Word document with what they inherit: list, level, heading."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ingest.word_numbering import Element, attribute, child, integer, local

_HEADING_NAME = re.compile(
    # "heading 1" and the headings of the United Nations templates: _ H _Ch_G, H 2/3, TitleHCH.
    r"(?:heading|标题|標題)([1-9])|(?:title)?h(?:ch|m|[1-6](?:/?[1-6])*)g?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Style:
    """What a paragraph style says, its ancestors included."""

    name: str = ""
    instance: str | None = None
    numbered_by: str = ""
    level: int | None = None
    outline: int | None = None

    @property
    def heading(self) -> int | None:
        """Heading level from 1, by outline level or by name; None for other styles."""
        if self.outline is not None and 0 <= self.outline <= 8:
            return self.outline + 1
        return heading_level(self.name)


def heading_level(name: str) -> int | None:
    """The level of a heading style by its name, 1 where the name has none; None for other styles."""
    match = _HEADING_NAME.fullmatch(re.sub(r"[\s_]", "", name))
    return int(match[1] or 1) if match else None


class Styles:
    """The paragraph styles of a document, inheritance resolved."""

    def __init__(self, root: Element | None) -> None:
        self._elements: dict[str, Element] = {}
        self._resolved: dict[str, Style] = {}
        self.default: str | None = None
        self.lists: dict[str, str] = {}
        for element in root if root is not None else ():
            if local(element) != "style":
                continue
            identity = attribute(element, "styleId") or ""
            if attribute(element, "type") == "numbering":
                number = attribute(child(child(child(element, "pPr"), "numPr"), "numId"))
                self.lists[identity] = number or ""
            elif attribute(element, "type") == "paragraph":
                self._elements[identity] = element
                if attribute(element, "default") in ("1", "true", "on"):
                    self.default = identity

    def get(self, identity: str | None) -> Style:
        """A style by its id; an empty one for unknown ids."""
        chosen = self.default if identity is None else identity
        if chosen is None:
            return Style()
        if chosen not in self._resolved:
            self._resolved[chosen] = self._resolve(chosen)
        return self._resolved[chosen]

    def _resolve(self, identity: str) -> Style:
        name, instance, numbered_by, level, outline = "", None, "", None, None
        seen: set[str] = set()
        while identity in self._elements and identity not in seen:
            seen.add(identity)
            element = self._elements[identity]
            own = attribute(child(element, "name")) or identity
            properties = child(element, "pPr")
            numbering = child(properties, "numPr")
            if instance is None and (number := attribute(child(numbering, "numId"))) is not None:
                instance, numbered_by = number, identity
            level = integer(child(numbering, "ilvl")) if level is None else level
            outline = integer(child(properties, "outlineLvl")) if outline is None else outline
            name = name or own
            if outline is None and (heading := heading_level(own)):
                outline = heading - 1
            identity = attribute(child(element, "basedOn")) or ""
        return Style(name, instance, numbered_by, level, outline)
