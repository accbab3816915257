"""What a question asks for: references, the kind of answer, and filters."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from index.normalise import fold
from index.references import articles, dates, full_years, resolutions, sessions, symbols, years
from ingest import Document

AnswerKind = Literal[
    "who", "when", "where", "how_many", "list", "why", "yes_no", "compare", "definition", "how", "what"
]

# The first pattern that matches decides, so the more specific ones come first.
_KINDS: tuple[tuple[AnswerKind, str], ...] = (
    (
        "compare",
        r"比较|对比|区别|不同之?处|异同|有何不同|有什么不同|相比|变化|差异|compar|differ|versus|\bvs\b",
    ),
    ("why", r"为什么|为何|为啥|何以|什么原因|原因是|理由|目的是|\bwhy\b|reasons? for"),
    (
        "when",
        r"什么时候|何时|哪一?[年天日月]|几月|几号|什么时间|日期|时间是|多久"
        r"|\bwhen\b|what (?:date|year)|which year",
    ),
    ("where", r"哪里|哪儿|何地|在哪|什么地方|地点|哪个城市|哪座城市|\bwhere\b|which (?:city|place)"),
    ("how_many", r"多少|几[个名次项份届条种家位场]|数量|总数|百分之几|比例|how (?:many|much)|number of"),
    (
        "who",
        r"谁|哪[一]?位|何人|哪个(?:国家|机构|组织|部门)|由哪|哪国"
        r"|\bwho(?:m|se)?\b|which (?:country|body|organi[sz]ation)",
    ),
    (
        "list",
        r"哪些|哪几|有什么|包括什么|列出|列举|几类|分别"
        r"|which\b.*\b(?:were|are)\b|what (?:are|were)\b|\blist\b",
    ),
    (
        "definition",
        r"什么叫|定义|含义|何谓|意思|是指什么|指的是什么|^.{1,14}是什么[?。]?$"
        r"|what is meant|defin|stand for",
    ),
    ("how", r"如何|怎么|怎样|方式|\bhow\b"),
    (
        "yes_no",
        r"是否|是不是|有没有|有无|能否|可否|吗[?]?$"
        r"|^(?:is|are|was|were|do|does|did|has|have|can|should)\b",
    ),
)
_COMPILED = tuple((kind, re.compile(pattern)) for kind, pattern in _KINDS)
_LATIN, _CHINESE = re.compile(r"[a-z]"), re.compile(r"[\u3400-\u9fff]")
_DOCUMENT_YEAR = re.compile(
    r"((?:19|20)\d\d)年?(?:的|那|这)?(?:\d+月)?(?:那|这|该)?(?:一?[次份届个])?(?:的)?"
    r"(?:报告|会议|文件|说明|背景文件|议程|大会|缔约国会议|工作组|材料)"
    r"|(?:in|of|from) the ((?:19|20)\d\d) (?:report|meeting|session|document|note|agenda)"
)


@dataclass(frozen=True, slots=True)
class Filters:
    """A hard restriction the user asked for; an empty set restricts nothing.

    ``sessions`` hold session strings or tokens (``10届``), ``years`` are years of documents.
    """

    documents: frozenset[str] = frozenset()
    sessions: frozenset[str] = frozenset()
    years: frozenset[int] = frozenset()

    def admits(self, document: Document) -> bool:
        """Whether paragraphs of the document may be returned."""
        session = fold(document.session or "")
        own_sessions = set(sessions(session))
        return (
            (not self.documents or bool({document.id, document.symbol} & self.documents))
            and (not self.years or bool(document_years(document) & self.years))
            and (not self.sessions or any(s in own_sessions or fold(s) in session for s in self.sessions))
        )


@dataclass(frozen=True, slots=True)
class QueryFacts:
    """What a question points at, in the spelling of ``index.references``.

    ``document_years`` are the years said of a document or meeting (在2019年的报告里), as opposed to years
    that may be the matter of the question.
    """

    text: str
    folded: str
    language: Literal["zh", "en"]
    answer_kind: AnswerKind
    years: tuple[int, ...] = ()
    document_years: tuple[int, ...] = ()
    dates: tuple[str, ...] = ()
    sessions: tuple[str, ...] = ()
    symbols: tuple[str, ...] = ()
    resolutions: tuple[str, ...] = ()
    articles: tuple[str, ...] = ()


def parse_query(text: str) -> QueryFacts:
    """Read a question; never fails, an empty question has no facts."""
    folded = full_years(fold(text))
    chinese, latin = len(_CHINESE.findall(folded)), len(_LATIN.findall(folded))
    named = [int(year) for match in _DOCUMENT_YEAR.finditer(folded) for year in match.groups() if year]
    return QueryFacts(
        text=text,
        folded=folded,
        language="en" if latin > 3 * chinese else "zh",
        answer_kind=next((kind for kind, pattern in _COMPILED if pattern.search(folded)), "what"),
        years=tuple(years(folded)),
        document_years=tuple(dict.fromkeys(named)),
        dates=tuple(dates(folded)),
        sessions=tuple(sessions(folded)),
        symbols=tuple(symbols(folded)),
        resolutions=tuple(resolutions(folded)),
        articles=tuple(articles(folded)),
    )


def document_years(document: Document) -> frozenset[int]:
    """The years a document belongs to: of its date, its session, and its symbol (``CAC/COSP/2017/4``)."""
    found = set(years(fold(f"{document.date or ''} {document.session or ''}")))
    parts = (document.symbol or "").split("/")
    found |= {int(part) for part in parts if re.fullmatch(r"(?:19|20)\d\d", part)}
    return frozenset(found)


def parse_filter(text: str) -> Filters:
    """Filters as the command line takes them: ``year=2019,2023 session=10届 document=CAC/COSP/2017/4``.

    Raises ``ValueError`` naming the part that is not understood.
    """
    values: dict[str, set[str]] = {"year": set(), "session": set(), "document": set()}
    for part in text.split():
        name, separator, rest = part.partition("=")
        name = {"years": "year", "sessions": "session", "documents": "document", "doc": "document"}.get(
            name, name
        )
        if name not in values or not separator or not rest:
            raise ValueError(
                f"Filter {part!r} is not understood; use year=2019, session=10届 or document=ID."
            )
        values[name] |= {value for value in rest.split(",") if value}
    if wrong := [year for year in values["year"] if not year.isdigit()]:
        raise ValueError(f"Not a year: {', '.join(wrong)}")
    return Filters(
        frozenset(values["document"]), frozenset(values["session"]), frozenset(map(int, values["year"]))
    )
