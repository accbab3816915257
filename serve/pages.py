"""Pages without Gradio: a document to read, with the cited paragraph highlighted; sign-in; not found."""

# ruff: noqa: E501 - markup and sentences read worse when they are cut
from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from serve.render import anchor, marked
from serve.service import Lang
from serve.texts import text

if TYPE_CHECKING:
    from index.retrieval import Index
    from ingest.paragraphs import Document, Paragraph

VERSION = "2"
_SPAN = re.compile(r"(\d{1,9})-(\d{1,9})")


def page(title: str, body: str, lang: Lang, *, script: bool = True) -> str:
    """A complete page; ``body`` is finished HTML, ``title`` plain text."""
    language = "zh-CN" if lang == "zh" else "en"
    tag = f'<script src="/ui/static/doc.js?v={VERSION}" defer></script>' if script else ""
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{escape(title)}</title>'
        f'<link rel="icon" href="/ui/static/icon.svg"><link rel="stylesheet" href="/ui/static/doc.css?v={VERSION}">{tag}</head><body>{body}</body></html>'
    )


def read_span(value: str) -> tuple[int, int] | None:
    """The stretch named by ``12-40``, or None for anything else."""
    match = _SPAN.fullmatch(value)
    return (int(match[1]), int(match[2])) if match else None


def document_page(index: Index, document: Document, lang: Lang, span: str = "") -> str:
    """A document as a page: metadata, contents, headings, numbered paragraphs with permalinks.

    ``span`` (``12-40``) is put on the body for the script, which marks it in the paragraph of the
    fragment; a fragment never reaches a server.
    """
    paragraphs = [p for p in index.paragraphs if p.doc_id == document.id]
    parts = list(_flow(document, paragraphs, lang))
    contents = [part for part in parts if part.startswith("<h")]
    facts = [document.symbol, document.date, document.session]
    known = "".join(f"<span>{escape(fact)}</span>" for fact in facts if fact)
    stretch = read_span(span)
    marks = f' data-span="{stretch[0]}-{stretch[1]}"' if stretch else ""
    home = "/" if lang == "zh" else "/en/"
    return page(
        document.title,
        f'<header class="bar"><a href="{home}">← {text("back", lang)}</a><button type="button" id="print">{text("print", lang)}</button></header>'
        f'<main lang="zh-CN"{marks} data-copied="{text("copied", lang)}"><h1>{escape(document.title)}</h1><p class="facts">{known}</p>'
        f"{_contents(contents, lang)}{''.join(parts)}</main>",
        lang,
    )


def _flow(document: Document, paragraphs: Sequence[Paragraph], lang: Lang) -> Iterator[str]:
    """Headings where the section path changes, and the paragraphs in order."""
    path: tuple[str, ...] = ()
    count = 0
    for paragraph in paragraphs:
        same = 0
        while same < min(len(path), len(paragraph.section)) and path[same] == paragraph.section[same]:
            same += 1
        for depth, heading in enumerate(paragraph.section[same:], same):
            count += 1
            level = min(depth + 2, 5)
            yield f'<h{level} id="h{count}">{escape(heading)}</h{level}>'
        path = paragraph.section
        yield _paragraph(document, paragraph, lang)


def _paragraph(document: Document, paragraph: Paragraph, lang: Lang) -> str:
    name = escape(anchor(paragraph.id), quote=True)
    label = escape(paragraph.number or paragraph.label)
    citation = escape(document.cite(paragraph), quote=True)
    notes = "".join(
        f'<p class="footnote"><sup>{escape(note.mark)}</sup> {escape(note.text)}</p>'
        for note in paragraph.footnotes
    )
    shown = f'<p class="text">{marked(paragraph.text, None)}</p>'
    return (
        f'<section class="paragraph {escape(paragraph.kind)}" id="{name}"><a class="number" href="#{name}" title="{citation}">{label}</a>'
        f"<div>{shown}{notes}</div>"
        f'<button type="button" class="copy" data-copy="{citation}" aria-label="{text("copy_citation", lang)} {citation}">{text("copy", lang)}</button></section>'
    )


def _contents(headings: Sequence[str], lang: Lang) -> str:
    if len(headings) < 3:
        return ""
    items = "".join(
        re.sub(r'<h(\d) id="(h\d+)">(.*)</h\d>', r'<li class="l\1"><a href="#\2">\3</a></li>', h, flags=re.S)
        for h in headings
    )
    return f'<details class="contents"><summary>{text("contents", lang)}</summary><ol>{items}</ol></details>'


def not_found_page(lang: Lang) -> str:
    """What a citation link shows whose document is no longer loaded."""
    return page(
        text("no_document", lang),
        f'<header class="bar"><a href="/">← {text("back", lang)}</a></header><main><h1>{text("no_document", lang)}</h1></main>',
        lang,
        script=False,
    )


def login_page(lang: Lang, *, wrong: bool = False, target: str = "/") -> str:
    """The form that asks for the access key."""
    fault = f'<p class="fault" role="alert">{text("login_wrong", lang)}</p>' if wrong else ""
    return page(
        text("login_title", lang),
        f'<main class="login"><h1>{text("title", lang)}</h1><form method="post" action="/login">{fault}'
        f'<label for="key">{text("login_key", lang)}</label><input id="key" name="key" type="password" required autofocus autocomplete="current-password">'
        f'<input type="hidden" name="target" value="{escape(target, quote=True)}"><button>{text("login_title", lang)}</button></form></main>',
        lang,
        script=False,
    )


def widget_demo_page(lang: Lang) -> str:
    """A page of somebody else's with the widget in it."""
    body = (
        f"<main><h1>{text('widget_demo', lang)}</h1><p>{text('widget_demo_help', lang)}</p>"
        f'<pre>&lt;script src="{text("widget_address", lang)}/widget.js" data-lang="{lang}"&gt;&lt;/script&gt;</pre></main>'
        f'<script src="/widget.js" data-lang="{lang}"></script>'
    )
    return page(text("widget_demo", lang), body, lang, script=False)


def api_page(description: Mapping[str, Any], lang: Lang) -> str:
    """The OpenAPI description as a page that loads nothing from elsewhere."""
    info = description["info"]
    parts = [f'<h1>{escape(info["title"])} {escape(info["version"])}</h1><p>{escape(info["description"])}</p>'
             '<p><a href="/openapi.json">openapi.json</a></p>']  # fmt: skip
    schemas = description.get("components", {}).get("schemas", {})
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            parts.append(
                f"<h2><code>{method.upper()} {escape(path)}</code></h2><p>{escape(operation.get('description', ''))}</p>"
            )
            for parameter in operation.get("parameters", ()):
                kind = parameter["schema"].get("type", "")
                parts.append(
                    f"<p><code>{escape(parameter['name'])}</code> ({escape(parameter['in'])}, {escape(kind)})</p>"
                )
            body = (
                operation.get("requestBody", {})
                .get("content", {})
                .get("application/json", {})
                .get("schema", {})
            )
            name = body.get("$ref", "").rpartition("/")[2]
            if name in schemas:
                parts.append(
                    f"<pre>{escape(json.dumps(example_of(schemas[name], schemas), ensure_ascii=False, indent=2))}</pre>"
                )
    return page(
        info["title"],
        f'<header class="bar"><a href="/">← {text("back", lang)}</a></header><main>{"".join(parts)}</main>',
        lang,
        script=False,
    )


def example_of(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> Any:
    """A value of a schema: its example, its default, or a plain one of its type."""
    if "$ref" in schema:
        return example_of(schemas[schema["$ref"].rpartition("/")[2]], schemas)
    if "example" in schema:
        return schema["example"]
    if schema.get("examples"):
        return schema["examples"][0]
    if "default" in schema:
        return schema["default"]
    if "properties" in schema:
        return {name: example_of(inner, schemas) for name, inner in schema["properties"].items()}
    choices = schema.get("anyOf") or schema.get("enum")
    if choices:
        return example_of(choices[0], schemas) if isinstance(choices[0], dict) else choices[0]
    return {"array": [], "object": {}, "boolean": False, "integer": 1, "number": 0}.get(
        schema.get("type", ""), "…"
    )
