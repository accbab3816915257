"""Short names that documents define for themselves: ``国际反腐败学院（反腐学院）``, ``…（下称“工作组”）``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from index.thesaurus import Expansion

_BRACKET = re.compile(
    r"(?P<long>[\u3400-\u9fffa-z·《》]{4,40})[(](?:以?下?简?称(?:为)?|即|又称|英文简称)?[\"“'《]?"
    r"(?P<short>[\u3400-\u9fff]{2,12}|[a-z][a-z0-9\-/]{1,11})[\"”'》]?[)]"
)
_SAID = re.compile(r"(?:以?下简?称|简称)")
_STARTS_ANEW = re.compile(r"[在由与和及向为对从是了的、以据按于至]")
DEFINED = 0.9


def definitions(folded: Iterable[str]) -> dict[str, str]:
    """Short name -> full name for every definition in the folded texts; the first one counts.

    A bracket counts as a definition when it says so (简称), when it holds a Latin abbreviation, or
    when its characters stand in the same order in the name before it; ``(见下文)`` does not.
    """
    found: dict[str, str] = {}
    for text in folded:
        for match in _BRACKET.finditer(text):
            short = match["short"]
            long = _full_name(match["long"], short, said=bool(_SAID.search(match.group())))
            if long and long != short and len(long) > len(short):
                found.setdefault(short, long)
    return found


def _full_name(before: str, short: str, *, said: bool) -> str | None:
    """The part of ``before`` that ``short`` stands for."""
    if short.isascii():
        name = _STARTS_ANEW.split(before)[-1]
        return name if len(name) >= 4 and len(short) <= 8 else None
    position = len(before)
    for char in reversed(short):  # the shortest ending of the text that holds the short name in order
        position = before.rfind(char, 0, position)
        if position < 0:
            name = _STARTS_ANEW.split(before)[-1]
            return name if said and len(name) >= 4 else None
    name = before[position:]
    return name if len(name) <= 6 * len(short) else None


def expand_defined(folded: str, defined: Mapping[str, str]) -> list[Expansion]:
    """The other name for each short or full name that the folded text contains."""
    found = []
    for short, long in defined.items():
        if short.isascii():
            has_short = bool(re.search(rf"(?<![a-z0-9]){re.escape(short)}(?![a-z0-9])", folded))
        else:
            has_short = short in folded
        if long in folded:
            found.append(Expansion(long, short, DEFINED, "", "defined"))
        elif has_short:
            found.append(Expansion(short, long, DEFINED, "", "defined"))
    return found
