"""The chat page (Gradio): ask, read the cited answer, look at documents, check quotations, settings.

Gradio carries inputs, streaming and state; answers are HTML from ``serve.render`` and the citation panel
is ``static/app.js``. The page is built once for each language.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

import gradio as gr

from answer.export import sentence_row
from serve import render
from serve.gate import Gate, TooBusy
from serve.rows import to_row, turns
from serve.service import Lang, NotReady, Service
from serve.texts import TEXTS, text

if TYPE_CHECKING:
    from index.query import Filters

log = logging.getLogger("serve")
LONGEST_QUESTION = 2000
LONGEST_DRAFT = 8000
TURNS_KEPT = 12
CONVERSATIONS_KEPT = 12
QUIET: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
Rows = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Page:
    """What the handlers of one language's page need."""

    service: Service
    gate: Gate
    lang: Lang
    is_admin: Callable[[gr.Request], bool]

    def say(self, name: str, **values: object) -> str:
        """A text in the page's language."""
        return text(name, self.lang, **values)

    def status(self) -> str:
        """One line: loading, failed, or what is loaded."""
        service = self.service
        if service.ready:
            index = service.engine.index
            said = self.say("loaded", documents=len(index.documents), paragraphs=len(index.paragraphs))
            return f'<p class="state ready" role="status">{escape(said)}</p>'
        if service.state == "failed":
            return f'<p class="state failed" role="alert">{escape(self.say("failed") + service.message)}</p>'
        said = self.say(service.message if service.message in ("opening", "building") else "loading")
        dots = '<span class="dots" aria-hidden="true"></span>'
        return f'<p class="state loading" role="status">{dots}{escape(said)}</p>'

    def empty(self) -> str:
        """What stands in place of a conversation before the first question."""
        if not self.service.ready:
            return f'<div class="welcome"><p>{escape(self.say("tagline"))}</p>{self.status()}</div>'
        shown = render.examples(self.service.examples or (), self.lang)
        return f'<div class="welcome"><p>{escape(self.say("tagline"))}</p>{shown}</div>'

    def conversation(self, rows: Rows) -> str:
        """The turns so far, or the welcome."""
        return render.conversation(rows, self.lang) if rows else self.empty()

    def ask(
        self, asked: str, rows: Rows, documents: list[str], sessions: list[str], years: list[int]
    ) -> Iterator[tuple[Any, Rows, Any]]:
        """Stream a turn: the conversation, the rows to keep, and the emptied question box."""
        asked = asked.strip()
        if not asked:
            yield gr.skip(), rows, gr.skip()
            return
        before = render.conversation(rows, self.lang)
        yield before + render.pending_turn(asked, (), self.say("searching"), self.lang), rows, ""
        if len(asked) > LONGEST_QUESTION:
            yield self._failed(rows, asked, "too_long", limit=LONGEST_QUESTION), rows, asked
            return
        filters = filters_of(documents, sessions, years)
        try:
            with self.gate.enter():
                yield from self._answer(asked, rows, before, filters)
        except TooBusy:
            yield self._failed(rows, asked, "too_busy"), rows, asked
        except NotReady:
            yield self._failed(rows, asked, "please_wait"), rows, asked
        except Exception:  # a fault of the program must end in a message on the page, and in the log
            log.exception("a question could not be answered")
            yield self._failed(rows, asked, "fault"), rows, asked

    def _answer(
        self, asked: str, rows: Rows, before: str, filters: Filters | None
    ) -> Iterator[tuple[Any, Rows, Any]]:
        engine = self.service.engine
        sentences: list[dict[str, Any]] = []
        for event in engine.stream(asked, turns(rows[-TURNS_KEPT:]), filters, self.lang):
            if event.kind == "status" and event.status == "fallback":
                sentences.clear()  # what a model wrote before it broke off is replaced by quotations
            if event.kind == "sentence" and event.sentence is not None:
                sentences.append(sentence_row(event.sentence))
            if event.answer is not None:
                row = render.with_labels(to_row(event.answer), engine.index)
                rows = [*rows, row][-TURNS_KEPT:]
                yield render.conversation(rows, self.lang), rows, gr.skip()
            elif engine.llm is not None or event.kind == "status":
                # quoted answers arrive at once: drawing each sentence separately would only flicker
                status = self.say("writing" if sentences else "searching")
                yield before + render.pending_turn(asked, sentences, status, self.lang), rows, gr.skip()

    def _failed(self, rows: Rows, asked: str, name: str, **values: object) -> str:
        said = self.say(name, **values)
        return render.conversation(rows, self.lang) + render.failed_turn(asked, said, self.lang)

    def check(self, draft: str) -> str:
        """The results of checking a draft sentence by sentence."""
        from answer.quote import verify_quote
        from answer.sentences import split_sentences

        lines = [line.strip() for line in draft[:LONGEST_DRAFT].splitlines() if line.strip()]
        pieces = [line[s.start : s.end].strip() for line in lines for s in split_sentences(line)]
        try:
            index = self.service.engine.index
            with self.gate.enter():
                return render.quote_checks([verify_quote(p, index) for p in pieces if p][:40], self.lang)
        except (NotReady, TooBusy) as error:
            name = "please_wait" if isinstance(error, NotReady) else "too_busy"
            return f'<p class="fault" role="alert">{escape(self.say(name))}</p>'

    def documents(self) -> str:
        """The table of documents."""
        if not self.service.ready:
            return self.status()
        return render.documents_table(self.service.engine.index, self.lang)

    def choices(self) -> tuple[Any, Any, Any]:
        """The filters for what is loaded."""
        if not self.service.ready:
            return gr.skip(), gr.skip(), gr.skip()
        from index.query import document_years

        loaded = self.service.engine.index.documents
        titles = [(f"{d.symbol}　{d.title}" if d.symbol else d.title, d.id) for d in loaded]
        sessions = sorted({d.session for d in loaded if d.session})
        years = sorted({year for d in loaded for year in document_years(d)})
        return (
            gr.update(choices=titles),
            gr.update(choices=sessions),
            gr.update(choices=[(str(y), y) for y in years]),
        )

    def refresh(self, rows: Rows) -> tuple[Any, ...]:
        """Everything that depends on what is loaded; the timer stops once loading is over."""
        settled = self.service.state == "failed" or self.service.examples is not None
        shown = gr.skip() if rows else self.empty()
        return self.status(), shown, *self.choices(), self.documents(), gr.Timer(active=not settled)


def filters_of(documents: Sequence[str], sessions: Sequence[str], years: Sequence[int]) -> Filters | None:
    """The chosen restriction, or None when nothing is chosen."""
    from index.query import Filters

    if not (documents or sessions or years):
        return None
    return Filters(frozenset(documents), frozenset(sessions), frozenset(int(y) for y in years))


def remembered(kept: Any, current: str, rows: Rows) -> list[dict[str, Any]]:
    """The conversations kept in the browser with the current one first."""
    others = [c for c in kept if c.get("id") != current] if isinstance(kept, list) else []
    if rows:
        others.insert(0, {"id": current, "title": rows[0]["question"][:60], "rows": rows})
    return others[:CONVERSATIONS_KEPT]


def titles(kept: Any, current: str) -> Any:
    """The list of earlier conversations for the side bar."""
    choices = [(c["title"], c["id"]) for c in kept] if isinstance(kept, list) else []
    return gr.update(choices=choices, value=current if any(c[1] == current for c in choices) else None)


def rows_of(kept: Any, chosen: str) -> Rows:
    """The turns of a kept conversation, without any that this version cannot show."""
    found = next((c for c in kept if c.get("id") == chosen), None) if isinstance(kept, list) else None
    return [row for row in found["rows"] if {"question", "sentences", "refused"} <= set(row)] if found else []


def head(lang: Lang) -> str:
    """Scripts of the page: our texts as data, and our own script. Nothing is fetched from elsewhere."""
    words = {name: pair[0 if lang == "zh" else 1] for name, pair in TEXTS.items()}
    data = json.dumps({"lang": lang, "texts": words}, ensure_ascii=False).replace("<", "\\u003c")
    return (
        f'<script type="application/json" id="ui-data">{data}</script>'
        '<link rel="icon" href="/ui/static/icon.svg"><link rel="stylesheet" href="/ui/static/app.css">'
        '<script src="/ui/static/app.js" defer></script><meta name="color-scheme" content="light dark">'
    )


def header(page: Page) -> str:
    """Title, language switch, and the state of loading below."""
    other = "/en/" if page.lang == "zh" else "/"
    return (
        f'<a class="skip" href="#ask">{page.say("skip")}</a><div class="brand">'
        f'<img src="/ui/static/icon.svg" alt="" width="34" height="34"><h1>{escape(page.say("title"))}</h1>'
        f'<a class="language" href="{other}">{page.say("other_language")}</a></div>'
    )


@dataclass(slots=True)
class Parts:
    """The components of a page that its events connect."""

    rows: gr.State
    current: gr.State
    kept: gr.BrowserState
    timer: gr.Timer
    state: gr.HTML
    new: gr.Button
    history: gr.Radio
    clear: gr.Button
    shown: gr.HTML
    box: gr.Textbox
    narrow: list[gr.Dropdown]
    listing: gr.HTML


def build_ui(page: Page, *extra_tabs: Callable[[Page], None]) -> gr.Blocks:
    """The page of one language; ``extra_tabs`` add tabs after ours."""
    blocks: gr.Blocks
    with gr.Blocks(title=page.say("title"), analytics_enabled=False, fill_width=True) as blocks:
        key = f"uncac-conversations-{page.lang}"
        # the secret only scrambles what is stored; it must stay the same for the record to outlive a restart
        kept = gr.BrowserState([], storage_key=key, secret="kept on this device")
        timer = gr.Timer(1.0)
        _html(header(page), elem_id="top")
        state = _html(page.status(), elem_id="state")
        side = _draw_side(page)
        with gr.Tabs(elem_id="tabs"):
            asking = _draw_ask(page)
            listing = _draw_documents(page)
            _draw_quote(page)
            for add in extra_tabs:
                add(page)
        parts = Parts(gr.State([]), gr.State(""), kept, timer, state, *side, *asking, listing)
        _connect(page, parts, blocks)
    return blocks


def _draw_side(page: Page) -> tuple[gr.Button, gr.Radio, gr.Button]:
    """The side bar: a new conversation, the earlier ones, forgetting them."""
    with gr.Sidebar(open=False, width=300, elem_id="side"):
        new = gr.Button(page.say("new"), variant="secondary", elem_id="new")
        _html(f'<h2 class="side">{page.say("history")}</h2>')
        choice = gr.Radio([], show_label=False, container=False, elem_id="history", label=page.say("history"))
        _html(f'<p class="hint">{page.say("history_kept")}</p>')
        _html(_side_tools(page))
        clear = gr.Button(page.say("clear_history"), size="sm", variant="secondary")
    return new, choice, clear


def _draw_ask(page: Page) -> tuple[gr.HTML, gr.Textbox, list[gr.Dropdown]]:
    """The tab of questions: the conversation, the question box, the filters."""
    with gr.Tab(page.say("tab_ask"), id="ask"):
        shown = _html(page.empty(), elem_id="conversation")
        with gr.Column(elem_id="ask-box"):
            box = gr.Textbox(
                placeholder=page.say("placeholder"), label=page.say("ask_label"), show_label=False, lines=1,
                max_lines=5, submit_btn=True, stop_btn=True, autofocus=True, elem_id="ask",
                max_length=LONGEST_QUESTION + 1,
            )  # fmt: skip
            with gr.Accordion(page.say("filters"), open=False, elem_id="filters"), gr.Row():
                narrow = [
                    gr.Dropdown([], multiselect=True, label=page.say(f"filter_{name}"), min_width=180)
                    for name in ("documents", "sessions", "years")
                ]
    return shown, box, narrow


def _draw_documents(page: Page) -> gr.HTML:
    with gr.Tab(page.say("tab_documents"), id="documents") as tab:
        listing: gr.HTML = _html(page.documents(), elem_id="documents")
    tab.select(page.documents, None, [listing], **QUIET)
    return listing


def _draw_quote(page: Page) -> None:
    with gr.Tab(page.say("tab_quote"), id="quote"):
        _html(f'<p class="hint">{page.say("quote_help")}</p>')
        draft = gr.Textbox(
            label=page.say("quote_label"), lines=4, max_lines=14, elem_id="draft", max_length=LONGEST_DRAFT
        )
        check = gr.Button(page.say("quote_button"), variant="primary", elem_id="check")
        checked = _html(elem_id="checked")
    check.click(page.check, [draft], [checked], **QUIET)


def _connect(page: Page, parts: Parts, blocks: gr.Blocks) -> None:
    """The events that cross the parts of the page."""
    rows, shown, box, history = parts.rows, parts.shown, parts.box, parts.history
    asking = box.submit(
        page.ask, [box, rows, *parts.narrow], [shown, rows, box], concurrency_limit=None, **QUIET
    )
    box.stop(page.conversation, [rows], [shown], cancels=[asking], **QUIET)
    asking.then(_keep, [parts.kept, parts.current, rows], [parts.kept, parts.current, history], **QUIET)

    def fresh() -> tuple[Rows, str, str, None]:
        return [], "", page.empty(), None

    def back(kept: Any, chosen: str) -> tuple[Rows, str, str]:
        found = rows_of(kept, chosen)
        return found, chosen, page.conversation(found)

    def forget() -> tuple[list[Any], Any]:
        return [], gr.update(choices=[], value=None)

    parts.new.click(fresh, None, [rows, parts.current, shown, history], **QUIET)
    history.input(back, [parts.kept, history], [rows, parts.current, shown], **QUIET)
    parts.clear.click(forget, None, [parts.kept, history], **QUIET)
    changing = [parts.state, shown, *parts.narrow, parts.listing, parts.timer]
    parts.timer.tick(page.refresh, [rows], changing, **QUIET)
    blocks.load(page.refresh, [rows], changing, **QUIET)
    blocks.load(titles, [parts.kept, parts.current], [history], **QUIET)


def _side_tools(page: Page) -> str:
    """Export and print of the whole conversation."""
    kinds = (("md", "Markdown"), ("docx", "Word"), ("json", "JSON"))
    exports = "".join(
        f'<button type="button" class="small" data-export-all="{kind}">{name}</button>'
        for kind, name in kinds
    )
    return (
        f'<h2 class="side">{page.say("whole_conversation")}</h2><div class="side-tools">{exports}'
        f'<button type="button" class="small" data-print>{page.say("print")}</button></div>'
    )


def _html(value: str = "", **options: Any) -> gr.HTML:
    """HTML that only our own style sheet dresses."""
    return gr.HTML(value, apply_default_css=False, **options)


def _keep(kept: Any, current: str, rows: Rows) -> tuple[Any, str, Any]:
    import secrets

    current = current or secrets.token_hex(6)
    now = remembered(kept, current, rows)
    return now, current, titles(now, current)


def theme() -> gr.themes.Base:
    """Calm blue, system fonts that have Chinese glyphs; nothing is fetched."""
    fonts = [
        "Noto Sans CJK SC",
        "Source Han Sans SC",
        "PingFang SC",
        "Microsoft YaHei",
        "system-ui",
        "sans-serif",
    ]
    return gr.themes.Base(
        primary_hue=gr.themes.colors.sky, secondary_hue=gr.themes.colors.sky,
        neutral_hue=gr.themes.colors.slate, font=fonts, font_mono=["ui-monospace", "monospace"],
        text_size=gr.themes.sizes.text_md, radius_size=gr.themes.sizes.radius_md,
    )  # fmt: skip
