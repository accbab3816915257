"""Builds small .docx packages part by part, as Word writes them, for the reader's tests."""

from __future__ import annotations

import zipfile
from pathlib import Path

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
R = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
MORE = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
KINDS = ("styles", "numbering", "footnotes", "endnotes", "settings", "header", "footer")


def package(path: Path, body: str, **parts: str) -> Path:
    """Write a .docx with a document body and any of the other parts (their inner XML)."""
    roots = {"styles": "styles", "numbering": "numbering", "footnotes": "footnotes", "endnotes": "endnotes",
             "settings": "settings", "header": "hdr", "footer": "ftr"}  # fmt: skip
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "_rels/.rels",
            f'{_HEAD}<Relationships xmlns="x"><Relationship Id="r1" Type="{_RELATIONS}/officeDocument" '
            'Target="word/document.xml"/></Relationships>',
        )
        archive.writestr(
            "word/document.xml", f"{_HEAD}<w:document {W} {R} {MORE}><w:body>{body}</w:body></w:document>"
        )
        relations = "".join(
            f'<Relationship Id="r{n}" Type="{_RELATIONS}/{name}" Target="{name}.xml"/>'
            for n, name in enumerate(parts)
        )
        archive.writestr(
            "word/_rels/document.xml.rels", f'{_HEAD}<Relationships xmlns="x">{relations}</Relationships>'
        )
        for name, inner in parts.items():
            archive.writestr(f"word/{name}.xml", f"{_HEAD}<w:{roots[name]} {W}>{inner}</w:{roots[name]}>")
    return path


def t(text: str) -> str:
    """A run of text."""
    return f'<w:r><w:t xml:space="preserve">{text}</w:t></w:r>'


def p(inner: str, style: str = "", numbering: tuple[int, int] | None = None, extra: str = "") -> str:
    """A paragraph of runs (or of plain text), with a style and a list (numId, ilvl)."""
    properties = f'<w:pStyle w:val="{style}"/>' if style else ""
    if numbering:
        properties += f'<w:numPr><w:ilvl w:val="{numbering[1]}"/><w:numId w:val="{numbering[0]}"/></w:numPr>'
    inner = inner if inner.startswith("<") else t(inner)
    return f"<w:p><w:pPr>{properties}{extra}</w:pPr>{inner}</w:p>"


def lvl(number: int, scheme: str, text: str, more: str = "", start: int = 1) -> str:
    """One level of a list definition."""
    return (
        f'<w:lvl w:ilvl="{number}"><w:start w:val="{start}"/><w:numFmt w:val="{scheme}"/>{more}'
        f'<w:lvlText w:val="{text}"/></w:lvl>'
    )


def definition(identity: int, *levels: str) -> str:
    """A list definition (w:abstractNum)."""
    return f'<w:abstractNum w:abstractNumId="{identity}">{"".join(levels)}</w:abstractNum>'


def instance(identity: int, of: int, overrides: str = "") -> str:
    """A list instance (w:num)."""
    return f'<w:num w:numId="{identity}"><w:abstractNumId w:val="{of}"/>{overrides}</w:num>'


def table(*rows: list[str]) -> str:
    """A table of one-paragraph cells."""
    return (
        "<w:tbl>"
        + "".join(
            "<w:tr>" + "".join(f"<w:tc>{p(cell) if cell else '<w:p/>'}</w:tc>" for cell in row) + "</w:tr>"
            for row in rows
        )
        + "</w:tbl>"
    )
