"""Word's automatic numbering: which label stands in front of a paragraph, as Word itself shows it.

After ECMA-376 part 1, sections 17.9 (numbering) and 17.18.59 (number formats). Counters belong to
the abstract definition, so that two list instances of one definition go on counting; a start
override restarts when its instance is first used.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Element = Any  # an lxml element; lxml has no type stubs
LEVELS = 9


def local(element: Element) -> str:
    """The tag of an element without its namespace ("" for comments): transitional and strict files alike."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def child(element: Element | None, name: str) -> Element | None:
    """The first child of that local name, or None."""
    if element is None:
        return None
    return next((inner for inner in element if local(inner) == name), None)


def attribute(element: Element | None, name: str = "val") -> str | None:
    """An attribute by its local name, or None."""
    if element is None:
        return None
    for key, value in element.attrib.items():
        if key.rpartition("}")[2] == name:
            return str(value)
    return None


def integer(element: Element | None, name: str = "val") -> int | None:
    """An attribute as a whole number; None where it is missing or no number."""
    value = attribute(element, name)
    return int(value) if value is not None and re.fullmatch(r"-?\d{1,9}", value) else None


@dataclass(frozen=True, slots=True)
class Level:
    """One level of a list definition."""

    start: int = 1
    format: str = "decimal"
    text: str = ""
    suffix: str = "tab"
    legal: bool = False
    restart: int | None = None
    style: str | None = None


@dataclass(frozen=True, slots=True)
class Instance:
    """A list instance (w:num): its definition, replaced levels and start overrides."""

    definition: str
    levels: dict[int, Level] = field(default_factory=dict)
    starts: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Label:
    """What Word shows in front of a paragraph; ``bullet`` where it is a symbol and no number."""

    text: str
    level: int
    bullet: bool = False


class Numbering:
    """The list definitions of a document with their counters; call ``label`` in document order."""

    def __init__(self, root: Element | None, style_lists: Mapping[str, str]) -> None:
        self._definitions: dict[str, dict[int, Level]] = {}
        self._links: dict[str, str] = {}
        self._instances: dict[str, Instance] = {}
        self._counters: dict[str, list[int | None]] = {}
        self._overridden: set[tuple[str, int]] = set()
        for element in root if root is not None else ():
            if local(element) == "abstractNum":
                self._read_definition(element)
            elif local(element) == "num":
                self._read_instance(element)
        self._resolve_links(style_lists)

    def _read_definition(self, element: Element) -> None:
        identity = attribute(element, "abstractNumId") or ""
        self._definitions[identity] = dict(_levels(element))
        if link := attribute(child(element, "numStyleLink")):
            self._links[identity] = link

    def _read_instance(self, element: Element) -> None:
        levels: dict[int, Level] = {}
        starts: dict[int, int] = {}
        for override in element:
            if local(override) != "lvlOverride":
                continue
            number = integer(override, "ilvl") or 0
            levels.update(_levels(override))
            start = integer(child(override, "startOverride"))
            if start is not None:
                starts[number] = start
        definition = attribute(child(element, "abstractNumId")) or ""
        self._instances[attribute(element, "numId") or ""] = Instance(definition, levels, starts)

    def _resolve_links(self, style_lists: Mapping[str, str]) -> None:
        """A definition that names a list style uses that style's definition."""
        for identity, style in self._links.items():
            target = self._instances.get(style_lists.get(style, ""))
            if target is not None and not self._definitions[identity]:
                self._definitions[identity] = self._definitions.get(target.definition, {})

    def level_of_style(self, instance: str, style: str) -> int | None:
        """The level that a paragraph style is tied to in a list, or None."""
        found = self._instances.get(instance)
        if found is None:
            return None
        levels = self._definitions.get(found.definition, {}) | found.levels
        return next((number for number, level in levels.items() if level.style == style), None)

    def label(self, instance: str, level: int) -> Label | None:
        """Count one paragraph of a list and return its label; None if the list is unknown or unlabelled."""
        found = self._instances.get(instance)
        if found is None or not 0 <= level < LEVELS:
            return None
        levels = self._definitions.get(found.definition, {}) | found.levels
        counters = self._counters.setdefault(found.definition, [None] * LEVELS)
        self._count(instance, found, levels, counters, level)
        own = levels.get(level)
        if own is None or (own.format == "none" and "%" not in own.text and not own.text.strip()):
            return None
        if own.format == "bullet":
            return Label("", level, bullet=True)
        shown = _show(own, levels, counters)
        return Label(shown + ("" if own.suffix == "nothing" else " "), level) if shown.strip() else None

    def _count(
        self,
        instance: str,
        found: Instance,
        levels: Mapping[int, Level],
        counters: list[int | None],
        level: int,
    ) -> None:
        present = counters[level]
        if level in found.starts and (instance, level) not in self._overridden:
            counters[level] = found.starts[level]
            self._overridden.add((instance, level))
        elif present is None:
            counters[level] = levels[level].start if level in levels else 1
        else:
            counters[level] = present + 1
        for deeper in range(level + 1, LEVELS):
            restart = levels[deeper].restart if deeper in levels else None
            if restart is None or (restart != 0 and level < restart):
                counters[deeper] = None


def _levels(parent: Element) -> Iterator[tuple[int, Level]]:
    for element in parent:
        if local(element) != "lvl":
            continue
        start = integer(child(element, "start"))
        legal = child(element, "isLgl")
        yield (
            integer(element, "ilvl") or 0,
            Level(
                start=1 if start is None else start,
                format=_format_of(element),
                text=attribute(child(element, "lvlText")) or "",
                suffix=attribute(child(element, "suff")) or "tab",
                legal=legal is not None and attribute(legal) not in ("0", "false", "off"),
                restart=integer(child(element, "lvlRestart")),
                style=attribute(child(element, "pStyle")),
            ),
        )


def _format_of(level: Element) -> str:
    """The number format; newer ones hide in mc:AlternateContent with a plain fallback."""
    plain = child(level, "numFmt")
    if plain is None:
        alternate = child(level, "AlternateContent")
        plain = child(child(alternate, "Fallback"), "numFmt")
        plain = child(child(alternate, "Choice"), "numFmt") if plain is None else plain
    return attribute(plain) or "decimal"


def _show(own: Level, levels: Mapping[int, Level], counters: list[int | None]) -> str:
    def value(match: re.Match[str]) -> str:
        number = int(match[1]) - 1
        level = levels.get(number, Level())
        count = counters[number] if number < LEVELS else None
        count = level.start if count is None else count
        return format_number(count, "decimal" if own.legal else level.format)

    return re.sub(r"%([1-9])", value, own.text)


# --- number formats --------------------------------------------------------------------------------

_DIGITS = "零一二三四五六七八九"
_LEGAL_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_STEMS = "甲乙丙丁戊己庚辛壬癸"
_BRANCHES = "子丑寅卯辰巳午未申酉戌亥"


def chinese_counting(value: int, digits: str = _DIGITS, units: str = "十百千") -> str:
    """A number below 10 000 in Chinese: 10 十, 21 二十一, 105 一百零五."""
    if not 0 < value < 10_000:
        return digits[0] if value == 0 else str(value)
    out, zero = "", False
    for power in (3, 2, 1, 0):
        digit = value // 10**power % 10
        if digit:
            out += (digits[0] if zero and out else "") + digits[digit] + (units[power - 1] if power else "")
            zero = False
        else:
            zero = True
    return out[1:] if 10 <= value < 20 and digits is _DIGITS else out


def _letters(value: int) -> str:
    """a … z, aa, bb … zz, aaa: Word repeats the letter."""
    return chr(97 + (value - 1) % 26) * ((value - 1) // 26 + 1) if 0 < value <= 780 else str(value)


def _roman(value: int) -> str:
    if not 0 < value < 4000:
        return str(value)
    out = ""
    for number, letters in (
        (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"),
        (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
    ):  # fmt: skip
        while value >= number:
            out, value = out + letters, value - number
    return out


def _from(first: str, last: int) -> Callable[[int], str]:
    """Characters that stand in a row in Unicode, up to a highest number."""
    return lambda value: chr(ord(first) + value - 1) if 0 < value <= last else str(value)


def _cyclic(characters: str) -> Callable[[int], str]:
    return lambda value: characters[value - 1] if 0 < value <= len(characters) else str(value)


def _digitwise(value: int) -> str:
    return "".join("〇一二三四五六七八九"[int(d)] for d in str(value)) if value >= 0 else str(value)


_FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
_FORMATS: dict[str, Callable[[int], str]] = {
    "decimalZero": lambda v: f"{v:02d}",
    "decimalFullWidth": lambda v: str(v).translate(_FULL_WIDTH),
    "decimalFullWidth2": lambda v: str(v).translate(_FULL_WIDTH),
    "lowerLetter": _letters,
    "upperLetter": lambda v: _letters(v).upper(),
    "lowerRoman": _roman,
    "upperRoman": lambda v: _roman(v).upper(),
    "ideographDigital": _digitwise,
    "japaneseDigitalTenThousand": _digitwise,
    "taiwaneseDigital": _digitwise,
    "ideographTraditional": _cyclic(_STEMS),
    "ideographZodiac": _cyclic(_BRANCHES),
    "decimalEnclosedCircle": _from("①", 20),
    "decimalEnclosedCircleChinese": _from("①", 20),
    "decimalEnclosedParen": _from("⑴", 20),
    "decimalEnclosedFullstop": _from("⒈", 20),
    "chineseLegalSimplified": lambda v: chinese_counting(v, _LEGAL_DIGITS, "拾佰仟"),
    "none": lambda v: "",
} | dict.fromkeys(
    ("chineseCounting", "chineseCountingThousand", "japaneseCounting", "taiwaneseCounting",
     "taiwaneseCountingThousand"), chinese_counting,
)  # fmt: skip


def format_number(value: int, scheme: str) -> str:
    """A number in one of Word's number formats; unknown formats are shown as plain digits."""
    return _FORMATS.get(scheme, str)(value)
