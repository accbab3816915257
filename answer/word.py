"""Word files with real footnotes, which python-docx does not write by itself."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from answer.answers import Answer, Sentence
from ingest import Paragraph

if TYPE_CHECKING:
    from docx.document import Document as WordDocument

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_FONT = "Noto Sans CJK SC"


def write_docx(answers: Sequence[Answer], cited: Sequence[tuple[int, Paragraph, str]], path: Path) -> None:
    """One heading for each question, its sentences with footnotes, tables, notices, and the annex."""
    import docx

    document = docx.Document()
    _fonts(document)
    notes = _Notes({paragraph.id: label for _, paragraph, label in cited})
    for answer in answers:
        document.add_heading(clean(answer.question), level=1)
        if answer.table is not None:
            _table(document, answer, notes)
        else:
            for sentence in answer.sentences:
                _write(document.add_paragraph(), sentence, notes)
        for notice in answer.notices:
            document.add_paragraph(clean(notice), style="Intense Quote")
    if cited:
        document.add_heading("附件：所引段落全文", level=1)
        for number, paragraph, label in cited:
            document.add_heading(clean(f"{number}. {label}"), level=2)
            for line in filter(str.strip, paragraph.text.splitlines()):
                document.add_paragraph(clean(line))
    notes.attach(document)
    document.save(str(path))


def clean(text: str) -> str:
    """The text without characters that XML does not allow."""
    return _CONTROL.sub("", text)


def _fonts(document: WordDocument) -> None:
    from docx.oxml.ns import qn

    for name in ("Normal", "Heading 1", "Heading 2"):
        style = document.styles[name]
        style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), _FONT)


def _write(paragraph: Any, sentence: Sentence, notes: _Notes) -> None:
    paragraph.add_run(clean(sentence.text))
    for identifier in dict.fromkeys(c.paragraph_id for c in sentence.citations):
        notes.add(paragraph, identifier)


def _table(document: WordDocument, answer: Answer, notes: _Notes) -> None:
    assert answer.table is not None
    table = document.add_table(rows=1, cols=len(answer.table.columns))
    table.style = "Table Grid"
    for cell, text in zip(table.rows[0].cells, answer.table.columns, strict=True):
        cell.text = clean(text)
    for label, cells in answer.table.rows:
        row = table.add_row().cells
        row[0].text = clean(label)
        for cell, sentence in zip(row[1:], cells, strict=False):
            _write(cell.paragraphs[0], sentence, notes)


class _Notes:
    """Footnotes in the order of the text; each citation gets one of its own, as Word numbers them."""

    def __init__(self, labels: dict[str, str]) -> None:
        self._labels = labels
        self._texts: list[str] = []

    def add(self, paragraph: Any, identifier: str) -> None:
        """Put a footnote with the pinpoint of a cited paragraph at the end of a Word paragraph."""
        from docx.oxml import parse_xml

        self._texts.append(self._labels[identifier])
        paragraph._p.append(
            parse_xml(
                f'<w:r xmlns:w="{_W}"><w:rPr><w:vertAlign w:val="superscript"/></w:rPr>'
                f'<w:footnoteReference w:id="{len(self._texts)}"/></w:r>'
            )
        )

    def attach(self, document: WordDocument) -> None:
        """Add the part that holds the footnotes' texts to the package."""
        from docx.opc.packuri import PackURI
        from docx.opc.part import Part

        part = Part(PackURI("/word/footnotes.xml"), _TYPE, self._xml().encode("utf-8"), document.part.package)
        document.part.relate_to(part, _RELATION)

    def _xml(self) -> str:
        separators = "".join(
            f'<w:footnote w:type="{kind}" w:id="{number}"><w:p><w:r><w:{tag}/></w:r></w:p></w:footnote>'
            for kind, number, tag in (
                ("separator", -1, "separator"),
                ("continuationSeparator", 0, "continuationSeparator"),
            )
        )
        notes = "".join(
            f'<w:footnote w:id="{number}"><w:p>'
            '<w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr><w:footnoteRef/></w:r>'
            f'<w:r><w:t xml:space="preserve"> {escape(clean(text))}。</w:t></w:r></w:p></w:footnote>'
            for number, text in enumerate(self._texts, 1)
        )
        head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
        return f'{head}<w:footnotes xmlns:w="{_W}">{separators}{notes}</w:footnotes>'
