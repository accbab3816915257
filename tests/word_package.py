"""Builds small .docx packages part by part, as Word writes them, for the reader's tests."""

from __future__ import annotations

import zipfile
from pathlib import Path

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
R = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
MORE = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'


_TYPES = "http://schemas.openxmlformats.org/package/2006"
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_ROOTS = {
    "styles": "styles", "numbering": "numbering", "footnotes": "footnotes", "endnotes": "endnotes",
    "settings": "settings", "header": "hdr", "footer": "ftr",
}  # fmt: skip


def package(path: Path, body: str, **parts: str) -> Path:
    """Write a .docx with a document body and any of the other parts (their inner XML)."""
    relations = "".join(
        f'<Relationship Id="r{n}" Type="{_RELATIONS}/{name}" Target="{name}.xml"/>'
        for n, name in enumerate(parts)
    )
    overrides = "".join(
        f'<Override PartName="/word/{name}.xml" ContentType="{_WORD}.{name}+xml"/>' for name in parts
    )
    main = f'<Relationship Id="r1" Type="{_RELATIONS}/officeDocument" Target="word/document.xml"/>'
    members = {
        "[Content_Types].xml": f'<Types xmlns="{_TYPES}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/word/document.xml" ContentType="{_WORD}.document.main+xml"/>{overrides}</Types>',
        "_rels/.rels": f'<Relationships xmlns="{_TYPES}/relationships">{main}</Relationships>',
        "word/document.xml": f"<w:document {W} {R} {MORE}><w:body>{body}</w:body></w:document>",
        "word/_rels/document.xml.rels": f'<Relationships xmlns="{_TYPES}/relationships">{relations}</Relationships>',
    }
    members |= {
        f"word/{name}.xml": f"<w:{_ROOTS[name]} {W}>{inner}</w:{_ROOTS[name]}>"
        for name, inner in parts.items()
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, xml in members.items():
            # A fixed time makes the same document the same file.
            info = zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, _HEAD + xml)
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
