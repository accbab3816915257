"""Answers and paragraphs as HTML. Everything that comes from a document or a reader is escaped here."""

# ruff: noqa: E501 - markup and sentences read worse when they are cut
from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import quote as percent

from answer.prompts import MESSAGES
from serve.rows import VERDICTS, Row
from serve.service import Lang
from serve.texts import signal, text

if TYPE_CHECKING:
    from answer.quote import QuoteCheck, QuoteMatch
    from index.hits import Hit
    from index.retrieval import Index
    from index.thesaurus import Expansion
    from ingest.corpus import FileReport
    from ingest.paragraphs import Document, Paragraph

SHOWN_SIGNALS = 6
SHOWN_EXPANSIONS = 10
# The notice that names the nearest paragraphs; the page lists them as buttons instead.
_NEAREST = tuple(shown.partition("{")[0] for shown in MESSAGES["nearest"].values())


def anchor(paragraph_id: str) -> str:
    """The name of a paragraph inside its document page: ``p12`` for ``…#12``."""
    return "p" + paragraph_id.rpartition("#")[2]


def document_path(doc_id: str) -> str:
    """The path of a document page."""
    return "/doc/" + percent(doc_id, safe="/")


def paragraph_path(paragraph_id: str, span: tuple[int, int] | None = None) -> str:
    """The path of a paragraph on its document page; ``span`` marks characters of its text."""
    doc_id = paragraph_id.rpartition("#")[0]
    mark = f"?span={span[0]}-{span[1]}" if span else ""
    return f"{document_path(doc_id)}{mark}#{percent(anchor(paragraph_id), safe='/')}"


def span_of(quotation: str, source: str) -> tuple[int, int] | None:
    """Where a quotation stands in a text, or None."""
    start = source.find(quotation) if quotation else -1
    return (start, start + len(quotation)) if start >= 0 else None


def numbers(row: Row) -> dict[str, int]:
    """Cited paragraphs in order of first citation, from 1."""
    found: dict[str, int] = {}
    for sentence in _all_sentences(row):
        for citation in sentence["citations"]:
            found.setdefault(citation["paragraph_id"], len(found) + 1)
    return found


def _all_sentences(row: Row) -> Iterable[Row]:
    yield from row["sentences"]
    for line in (row.get("table") or {}).get("rows", ()):
        yield from line["cells"]


def conversation(rows: Sequence[Row], lang: Lang, pending: str = "") -> str:
    """All turns; ``pending`` is the finished HTML of a turn that is still being answered."""
    return "".join(turn(row, lang) for row in rows) + pending


def turn(row: Row, lang: Lang) -> str:
    """A question with its finished answer; the row travels along for export and feedback."""
    data = escape(json.dumps(row, ensure_ascii=False), quote=True)
    body = answer_body(row, lang)
    return (
        f'<article class="turn" data-row="{data}">{question(str(row["question"]), lang)}'
        f'<div class="answer{" refusal" if row["refused"] and not row.get("corrected") else ""}">{body}'
        f"{_footer(row, lang)}</div></article>"
    )


def pending_turn(asked: str, sentences: Sequence[Row], status: str, lang: Lang) -> str:
    """A question whose answer is under way: the sentences verified so far and what is being done."""
    row = {"sentences": list(sentences)}
    marks = numbers(row)
    body = "".join(_sentence(s, marks, lang) for s in sentences)
    return (
        f'<article class="turn pending" aria-busy="true">{question(asked, lang)}<div class="answer">{body}'
        f'<p class="status"><span class="dots" aria-hidden="true"></span>{escape(status)}</p></div></article>'
    )


def failed_turn(asked: str, message: str, lang: Lang) -> str:
    """A question that could not be answered for a reason that lies in the system."""
    return (
        f'<article class="turn">{question(asked, lang)}<div class="answer">'
        f'<p class="fault" role="alert">{escape(message)}</p></div></article>'
    )


def question(asked: str, lang: Lang) -> str:
    return (
        f'<h2 class="question"><span class="sr-only">{text("you_asked", lang)}：</span>{escape(asked)}</h2>'
    )


def answer_body(row: Row, lang: Lang) -> str:
    """The sentences with markers and verdicts, or the comparison table, or what is missing."""
    marks = numbers(row)
    parts = []
    if row.get("corrected"):
        parts.append(f'<p class="lead">{text("corrected", lang)}</p>')
    elif row["refused"]:
        parts.append(f'<p class="lead">{text("not_found", lang)}</p>')
    if row.get("table"):
        parts.append(_table(row["table"], marks, lang))
    else:
        parts.extend(_sentence(s, marks, lang) for s in row["sentences"])
    listed = bool(row["refused"] and row.get("hits") and not row.get("corrected"))
    notices = [str(n) for n in row.get("notices", ()) if not (listed and str(n).startswith(_NEAREST))]
    parts.extend(f'<p class="notice">{escape(notice)}</p>' for notice in notices)
    if listed:
        parts.append(_nearest(row, lang))
    if marks:
        parts.append(_sources(row, marks, lang))
    return "".join(parts)


def _sentence(sentence: Row, marks: Mapping[str, int], lang: Lang) -> str:
    return f'<p class="sentence">{escape(sentence["text"])}{_marks(sentence, marks, lang)}</p>'


def _marks(sentence: Row, marks: Mapping[str, int], lang: Lang) -> str:
    """The markers of a sentence and, where it cites something, its verdict."""
    shown = {c["paragraph_id"]: c for c in reversed(sentence["citations"])}
    buttons = "".join(
        cite_button(c, marks[i], lang) for i, c in sorted(shown.items(), key=lambda pair: marks[pair[0]])
    )
    verdict = sentence["verdict"]
    if not buttons and verdict != "unsupported":
        return ""
    return buttons + badge(verdict, lang)


def badge(verdict: str, lang: Lang) -> str:
    """The verdict of the verifier as a small label with an explanation."""
    name = verdict if verdict in VERDICTS else "unsupported"
    return f'<span class="badge v-{name}" title="{text(f"{name}_help", lang)}">{text(name, lang)}</span>'


def cite_button(citation: Row, number: int, lang: Lang) -> str:
    """A marker that opens the paragraph it stands for."""
    data = {
        "id": citation["paragraph_id"],
        "quote": citation["quote"],
        "verdict": citation["verdict"],
        "reason": citation.get("reason", ""),
    }
    label = escape(f"{text('sources', lang)} {number}：{citation.get('label', '')}", quote=True)
    return (
        f'<button type="button" class="cite" data-cite="{escape(json.dumps(data, ensure_ascii=False), quote=True)}"'
        f' aria-label="{label}" title="{escape(str(citation.get("label", "")), quote=True)}">[{number}]</button>'
    )


def _table(table: Row, marks: Mapping[str, int], lang: Lang) -> str:
    head = "".join(f'<th scope="col">{escape(str(column))}</th>' for column in table["columns"])
    lines = []
    for line in table["rows"]:
        cells = "".join(f"<td>{escape(c['text'])}{_marks(c, marks, lang)}</td>" for c in line["cells"])
        lines.append(f'<tr><th scope="row">{escape(str(line["label"]))}</th>{cells}</tr>')
    return f'<div class="scroll"><table class="comparison"><thead><tr>{head}</tr></thead><tbody>{"".join(lines)}</tbody></table></div>'


def _sources(row: Row, marks: Mapping[str, int], lang: Lang) -> str:
    labels = {c["paragraph_id"]: c for s in _all_sentences(row) for c in reversed(s["citations"])}
    items = "".join(
        f'<li value="{number}">{cite_button(labels[i], number, lang)}'
        f'<a href="{escape(paragraph_path(i))}" target="_blank">{escape(labels[i].get("label") or i)}</a></li>'
        for i, number in marks.items()
    )
    return f'<div class="sources"><h3>{text("sources", lang)}</h3><ol>{items}</ol></div>'


def _nearest(row: Row, lang: Lang) -> str:
    """The first hits of a refused question as buttons that open them."""
    items = []
    for hit in row["hits"][:3]:
        data = escape(json.dumps({"id": hit["paragraph_id"], "quote": ""}, ensure_ascii=False), quote=True)
        label = escape(str(hit.get("label") or hit["paragraph_id"]))
        snippet = escape(str(hit.get("snippet", "")))
        items.append(
            f'<li><button type="button" class="cite near" data-cite="{data}"><b>{label}</b>'
            f"<span>{snippet}</span></button></li>"
        )
    return f'<div class="nearest"><h3>{text("nearest", lang)}</h3><ul>{"".join(items)}</ul></div>'


def _footer(row: Row, lang: Lang) -> str:
    """How the answer was made, exports and feedback."""
    mode = str(row.get("mode", ""))
    if mode == "reply":
        return ""
    facts = [text("mode_extractive" if mode == "extractive" else "mode_llm", lang)]
    if row.get("confidence") is not None and not row["refused"]:
        facts.append(text("confidence", lang, percent=round(100 * float(row["confidence"]))))
    seconds = sum(row.get("timings", {}).values())
    facts.append(text("seconds", lang, seconds=f"{seconds:.2f}"))
    exports = "".join(
        f'<button type="button" class="small" data-export="{kind}">{name}</button>'
        for kind, name in (("md", "Markdown"), ("docx", "Word"), ("json", "JSON"))
    )
    reasons = "".join(
        f'<button type="button" class="small" data-reason="{name}">{text(f"reason_{name}", lang)}</button>'
        for name in ("source", "wrong", "incomplete", "refused", "other")
    )
    return (
        f'<div class="meta"><span class="facts">{escape(" · ".join(facts))}</span>'
        f'<span class="tools"><button type="button" class="small" data-copy-answer>{text("copy", lang)}</button>{exports}'
        f'<button type="button" class="small thumb" data-thumb="up">{text("helpful", lang)}</button>'
        f'<button type="button" class="small thumb" data-thumb="down">{text("unhelpful", lang)}</button></span>'
        f'<span class="reasons" hidden><span>{text("why_unhelpful", lang)}</span>{reasons}</span></div>'
    )


def examples(questions: Sequence[str], lang: Lang) -> str:
    """What an empty conversation shows: questions that the loaded documents answer."""
    if not questions:
        return ""
    items = "".join(f'<button type="button" class="example">{escape(q)}</button>' for q in questions)
    return f'<div class="examples"><h2>{text("examples", lang)}</h2><div>{items}</div></div>'


def marked(source: str, span: tuple[int, int] | None) -> str:
    """A text with a stretch of it highlighted; lines stay lines."""
    if span is None or not 0 <= span[0] < span[1] <= len(source):
        return _lines(source)
    start, end = span
    return f"{_lines(source[:start])}<mark>{_lines(source[start:end])}</mark>{_lines(source[end:])}"


def _lines(source: str) -> str:
    return escape(source).replace("\n", "<br>")


def panel(
    index: Index,
    paragraph_id: str,
    lang: Lang,
    *,
    quotation: str = "",
    verdict: str = "",
    reason: str = "",
    hits: Sequence[Hit] = (),
    expansions: Sequence[Expansion] = (),
) -> str:
    """A cited paragraph in its document with neighbours, its citation, and why it was found.

    Raises KeyError when the index has no such paragraph.
    """
    paragraph = index.paragraph(paragraph_id)
    document = index.document(paragraph.doc_id)
    span = span_of(quotation, paragraph.text)
    near = index.neighbours(paragraph_id, 1)
    before = [p for p in near if p.start < paragraph.start]
    after = [p for p in near if p.start >= paragraph.start]
    check = (
        f'<p class="check">{text("checked", lang)}：{badge(verdict, lang)} {escape(reason)}</p>'
        if verdict
        else ""
    )
    return (
        f"{_panel_head(document, paragraph, lang, span)}"
        f'<div class="context">{"".join(_neighbour(p) for p in before)}'
        f'<div class="cited" tabindex="-1"><span class="label">{escape(paragraph.label)}</span>'
        f"<p>{marked(paragraph.text, span)}</p>{_footnotes(paragraph, lang)}</div>"
        f"{''.join(_neighbour(p) for p in after)}</div>{check}{_why(paragraph_id, hits, expansions, lang)}"
    )


def _panel_head(document: Document, paragraph: Paragraph, lang: Lang, span: tuple[int, int] | None) -> str:
    citation = document.cite(paragraph)
    path = " › ".join(escape(part) for part in paragraph.section)
    link = escape(paragraph_path(paragraph.id, span))
    return (
        f'<h2>{escape(citation)}</h2><p class="where">{escape(document.title)}{"<br>" + path if path else ""}</p>'
        f'<p class="actions"><button type="button" class="small" data-copy="{escape(citation, quote=True)}">{text("copy_citation", lang)}</button>'
        f'<button type="button" class="small" data-copy="{escape(paragraph.text, quote=True)}">{text("copy_text", lang)}</button>'
        f'<a class="small" href="{link}" target="_blank">{text("open_document", lang)}</a></p>'
    )


def _neighbour(paragraph: Paragraph) -> str:
    shown = paragraph.text if len(paragraph.text) <= 260 else paragraph.text[:260] + "……"
    return f'<div class="neighbour"><span class="label">{escape(paragraph.label)}</span><p>{_lines(shown)}</p></div>'


def _footnotes(paragraph: Paragraph, lang: Lang) -> str:
    return "".join(
        f'<p class="footnote">{text("footnote", lang)} {escape(note.mark)}：{_lines(note.text)}</p>'
        for note in paragraph.footnotes
    )


def _why(paragraph_id: str, hits: Sequence[Hit], expansions: Sequence[Expansion], lang: Lang) -> str:
    """The signals that brought the paragraph up, largest first, and other names that were searched for."""
    if not hits:
        return ""
    hit = next((h for h in hits if h.paragraph.id == paragraph_id), None)
    if hit is None:
        lines = f"<p>{text('not_in_hits', lang)}</p>"
    else:
        parts = sorted(((v, n) for n, v in hit.parts.items() if v > 0), reverse=True)[:SHOWN_SIGNALS]
        largest = max((value for value, _ in parts), default=1.0)
        bars = "".join(
            f'<li><span>{escape(signal(name, lang))}</span><meter min="0" max="{largest:.4f}" value="{value:.4f}"></meter>'
            f"<span>{value:.2f}</span></li>"
            for value, name in parts
        )
        lines = f"<p>{text('rank', lang, rank=hit.rank, score=f'{hit.score:.2f}')}</p><ul class='bars'>{bars}</ul>"
    terms = list(dict.fromkeys(e.term for e in expansions if e.relation in ("same", "defined")))[
        :SHOWN_EXPANSIONS
    ]
    if terms:
        shown = "".join(f"<span>{escape(term)}</span>" for term in terms)
        lines += f'<p class="expansions">{text("expansions", lang)}：{shown}</p>'
    return f'<details class="why" open><summary>{text("why_found", lang)}</summary>{lines}</details>'


def documents_table(index: Index, lang: Lang) -> str:
    """The loaded documents with their metadata, each linked to its page."""
    counts: dict[str, int] = {}
    for paragraph in index.paragraphs:
        counts[paragraph.doc_id] = counts.get(paragraph.doc_id, 0) + 1
    names = ("col_symbol", "col_title", "col_date", "col_session", "col_paragraphs", "col_format")
    head = "".join(f'<th scope="col">{text(name, lang)}</th>' for name in names)
    lines = []
    for document in index.documents:
        link = f'<a href="{escape(document_path(document.id))}" target="_blank">{escape(document.title)}</a>'
        cells = (
            escape(document.symbol or "—"), link, escape(document.date or "—"), escape(document.session or "—"),
            str(counts.get(document.id, 0)), escape(document.format),
        )  # fmt: skip
        lines.append("<tr>" + "".join(
            f'<td data-label="{text(name, lang)}">{cell}</td>' for name, cell in zip(names, cells, strict=True)
        ) + "</tr>")  # fmt: skip
    return f'<table class="documents"><thead><tr>{head}</tr></thead><tbody>{"".join(lines)}</tbody></table>'


def quote_checks(checks: Sequence[QuoteCheck], lang: Lang) -> str:
    """The results of checking a draft, sentence by sentence, with the differences shown."""
    parts = [_quote_check(check, lang) for check in checks]
    if any(match.changes for check in checks for match in check.matches):
        parts.append(f'<p class="legend">{text("quote_legend", lang)}</p>')
    return f'<div class="quotes">{"".join(parts)}</div>'


def _quote_check(check: QuoteCheck, lang: Lang) -> str:
    verdict = {"verbatim": "verbatim", "near": "partial", "absent": "unsupported"}[check.verdict]
    matches = "".join(_quote_match(match) for match in check.matches[:3])
    return (
        f'<section class="quote"><p class="draft">{escape(check.text)}</p>'
        f'<span class="badge v-{verdict}">{text(f"quote_{check.verdict}", lang)}</span>{matches}</section>'
    )


def _quote_match(match: QuoteMatch) -> str:
    tags = {"same": "{}", "missing": "<del>{}</del>", "added": "<ins>{}</ins>"}
    body = "".join(tags[c.kind].format(_lines(c.text)) for c in match.changes) or _lines(match.quote)
    data = escape(
        json.dumps({"id": match.paragraph_id, "quote": match.quote}, ensure_ascii=False), quote=True
    )
    return (
        f'<div class="match"><button type="button" class="cite" data-cite="{data}">{escape(match.label)}</button> '
        f"<span class='similarity'>{match.similarity:.0%}</span><p>{body}</p></div>"
    )


def reports_table(reports: Sequence[FileReport], lang: Lang) -> str:
    """What became of uploaded files: paragraphs found, repairs, warnings, or why a file was refused."""
    names = ("report_file", "report_status", "report_detail")
    head = "".join(f'<th scope="col">{text(name, lang)}</th>' for name in names)
    lines = []
    for report in reports:
        facts: list[str] = [report.message] if report.message else []
        if report.read:
            facts.append(f"{report.document_id}：{text('col_paragraphs', lang)} {report.paragraphs}")
        facts += [*report.repairs, *report.warnings]
        status = text("read" if report.read else "refused", lang)
        name = report.path.rpartition("/")[2]
        cells = (
            escape(name),
            f'<span class="badge v-{"supported" if report.read else "unsupported"}">{status}</span>',
            escape("；".join(facts)),
        )
        lines.append("<tr>" + "".join(
            f'<td data-label="{text(n, lang)}">{cell}</td>' for n, cell in zip(names, cells, strict=True)
        ) + "</tr>")  # fmt: skip
    return f'<table class="documents reports"><thead><tr>{head}</tr></thead><tbody>{"".join(lines)}</tbody></table>'


def with_labels(row: dict[str, Any], index: Index) -> dict[str, Any]:
    """The row with pinpoint and beginning of the text on its first hits, for the list of nearest paragraphs."""
    for hit in row["hits"][:3]:
        paragraph = index.paragraph(hit["paragraph_id"])
        hit["label"] = index.document(paragraph.doc_id).cite(paragraph)
        hit["snippet"] = paragraph.text[:90] + ("……" if len(paragraph.text) > 90 else "")
    return row
