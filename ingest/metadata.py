"""Symbol, title, date and session of a document: from its cover, its running headers, or documents.csv."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ingest.decoding import DecodingError, decode
from ingest.furniture import SYMBOL
from ingest.ordinals import CHINESE_NUMERAL
from ingest.resolutions import DECISION

CATALOGUE = "documents.csv"
MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september",
          "october", "november", "december")  # fmt: skip
_ENGLISH_DATE = re.compile(r"\b(\d{1,2})\s+([A-Z][a-z]+)\s+((?:19|20)\d\d)\b")
_CHINESE_DATE = re.compile(r"((?:19|20)\d\d)\s?年\s?(\d{1,2})\s?月(?:\s?(\d{1,2})\s?日)?")
_SESSION = re.compile(
    r"第\s?(?:" + CHINESE_NUMERAL + r"|\d{1,3})\s?(?:届|屆|次)(?:会议|會議|常会|特别会议|续会|闭会期间会议)?"
)
_KIND_OF_TEXT = re.compile(
    r"(?:说明|說明|报告|報告|决议|決議|决定|指南|议程|文件|宣言|备忘录|建议|概览|情况|草案|清单|手册|议定书|办法|条例|原则|准则|摘要|意见)$"
)
_ORGAN = re.compile(r"(?:公约|会议|會議|大会|大會|理事会|委员会|工作组|审议组)$")
_BY_LINE = re.compile(
    r"(?:秘书处|秘書處|秘书长|执行主任|主席|工作组)\S{0,8}(?:说明|背景文件|报告|會議室文件|会议室文件|文件)$"
    r"|\S{1,30}(?:提交|提出|编写)的(?:说明|报告|背景文件|会议室文件|工作文件|文件)$"
)
_NO_TITLE = re.compile(
    r"^(?:Distr\.|Original|General|Limited|Chinese|English|Arabic|French|Russian|Spanish|中文|原文|议程项目|(?:临时)?议程\*?\s*项目|第.{1,6}[届屆次]会议$|\*)"
)


@dataclass(frozen=True, slots=True)
class Metadata:
    """What is known of a document; None where nothing was found."""

    symbol: str | None = None
    title: str | None = None
    date: str | None = None
    session: str | None = None


class CatalogueError(ValueError):
    """documents.csv cannot be used; the message names the file, the line and the fault."""


def from_cover(lines: Sequence[str], symbol_hint: str | None) -> Metadata:
    """Metadata from the lines of the cover, top to bottom, and the symbol seen in headers and footers."""
    mastheads = [
        re.sub(r"^(?:(?:联\s?合\s?国|聯\s?合\s?國)\S*|United Nations)\s+", "", line.strip())
        for line in lines[:12]
    ]
    alone = next((line for line in mastheads if SYMBOL.fullmatch(line)), None)
    text = "\n".join(lines)
    title = _title(lines)
    session = _SESSION.search(text.replace(" ", ""))
    return Metadata(symbol_hint or alone, title, _date(lines), session[0] if session else None)


def _title(lines: Sequence[str]) -> str | None:
    """The longest cover line that is no date, place or label, with the by-line that follows it."""
    best, best_score, best_at = None, -100, -1
    for at, line in enumerate(lines):
        line = re.sub(r"\s+", " ", line).strip()
        if not line or _NO_TITLE.match(line) or SYMBOL.fullmatch(line) or _BY_LINE.fullmatch(line):
            continue
        if re.fullmatch(r"[\x00-\x7f]+", line) or re.match(r"\d{4}\s?年[^，]*[，,日]\S*$", line):
            continue
        followed = at + 1 < len(lines) and bool(_BY_LINE.fullmatch(lines[at + 1].strip()))
        typical = bool(_KIND_OF_TEXT.search(line)) + followed
        resolution = bool(re.match(r"\d+/\d+[.．]\s*\S", line))
        score = len(line) + 40 * typical + 60 * resolution - 20 * bool(_ORGAN.search(line))
        if score > best_score:
            best, best_score, best_at = line, score, at
    if best is None:
        return None
    title = lines[best_at + 1].strip() if best_at + 1 < len(lines) else ""
    if DECISION.fullmatch(best) and title and not title.endswith(("，", ",")):
        return f"{best} {title}"
    organs = [
        line.strip() for line in lines[:best_at] if _ORGAN.search(line.strip()) and not _NO_TITLE.match(line)
    ]
    if len(best) <= 10 and organs:
        best = organs[-1] + best
    by_line = next(
        (line.strip() for line in lines[best_at + 1 : best_at + 3] if _BY_LINE.fullmatch(line.strip())), None
    )
    return f"{best}：{by_line}" if by_line else best


def _date(lines: Sequence[str]) -> str | None:
    """The date of the cover as ISO 8601: the masthead's English one, or a Chinese one alone on its line."""
    for line in lines:
        if match := _ENGLISH_DATE.search(line):
            month = match[2].lower()
            if month in MONTHS:
                return f"{match[3]}-{MONTHS.index(month) + 1:02d}-{int(match[1]):02d}"
    for line in lines:
        if match := _CHINESE_DATE.fullmatch(line.strip()):
            return "-".join(
                [match[1], f"{int(match[2]):02d}", *([f"{int(match[3]):02d}"] if match[3] else [])]
            )
    return None


def read_catalogue(folder: Path) -> dict[str, Metadata]:
    """The rows of the folder's documents.csv by file name; empty without one.

    Raises CatalogueError when the file exists but has no ``file`` column or cannot be decoded.
    """
    path = folder / CATALOGUE
    if not path.is_file():
        return {}
    try:
        text, _ = decode(path.read_bytes())
    except (DecodingError, OSError) as error:
        raise CatalogueError(f"{path}: {error}; save it as UTF-8 CSV") from error
    rows = csv.DictReader(text.splitlines())
    if "file" not in (rows.fieldnames or ()):
        raise CatalogueError(f"{path}: line 1 must name the columns file,symbol,title,date,session")
    found: dict[str, Metadata] = {}
    for row in rows:
        values = {
            name: (row.get(name) or "").strip() or None for name in ("symbol", "title", "date", "session")
        }
        if row["file"]:
            found[row["file"].strip()] = Metadata(**values)
    return found


def merge(first: Metadata, second: Metadata) -> Metadata:
    """Field by field the first's value where it has one, else the second's."""
    return Metadata(
        first.symbol or second.symbol,
        first.title or second.title,
        first.date or second.date,
        first.session or second.session,
    )
