"""The settings tab: documents to add, the language model, the encoder. For administrators."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

import gradio as gr

from serve import render
from serve.service import NotReady
from serve.ui import QUIET, Page
from serve.uploads import UploadError, add_documents, with_encoder

if TYPE_CHECKING:
    from answer.settings import LLMSettings
    from serve.application import Context

log = logging.getLogger("serve")
TEST_SECONDS = 20.0


def settings_tab(context: Context) -> Callable[[Page], None]:
    """A function that draws the tab into a page."""
    return lambda page: _draw(page, context)


def _draw(page: Page, context: Context) -> None:
    with gr.Tab(page.say("tab_settings"), id="settings"):
        _uploads(page, context)
        _model(page, context)
        _encoder(page, context)


def _section(page: Page, title: str, help_text: str) -> None:
    gr.HTML(
        f'<h2 class="section">{escape(page.say(title))}</h2>'
        f'<p class="hint">{escape(page.say(help_text))}</p>',
        apply_default_css=False,
    )


def _uploads(page: Page, context: Context) -> None:
    from ingest.readers import SUFFIXES

    _section(page, "upload", "upload_help")
    files = gr.File(
        label=page.say("upload_label"),
        file_count="multiple",
        file_types=sorted(SUFFIXES),
        elem_id="upload",
        height=140,
    )
    start = gr.Button(page.say("upload_button"), variant="primary", elem_id="upload-start")
    report = gr.HTML(elem_id="upload-report", apply_default_css=False)

    def upload(
        chosen: list[str] | None,
        request: gr.Request,
        progress: gr.Progress = gr.Progress(),  # noqa: B008 - how Gradio finds out that it is wanted
    ) -> str:
        if not page.is_admin(request):
            return fault(page, page.say("not_admin"))
        if not chosen:
            return fault(page, page.say("upload_none"))
        try:
            reports = add_documents(
                context.service, [Path(name) for name in chosen], context.settings.index_dir,
                lambda share, what: progress(share, desc=what),
            )  # fmt: skip
        except (UploadError, NotReady, OSError, ValueError) as error:
            return fault(page, str(error))
        return render.reports_table(reports, page.lang)

    start.click(
        upload, [files], [report], api_visibility="private", show_progress="full", concurrency_limit=1
    )


def _model(page: Page, context: Context) -> None:
    _section(page, "llm", "llm_help")
    with gr.Row():
        model = gr.Textbox(label=page.say("llm_model"), max_lines=1, elem_id="llm-model", max_length=200)
        address = gr.Textbox(label=page.say("llm_url"), max_lines=1, elem_id="llm-url", max_length=500)
        key = gr.Textbox(
            label=page.say("llm_key"), max_lines=1, type="password", elem_id="llm-key", max_length=500
        )
    with gr.Row():
        test = gr.Button(page.say("test"), elem_id="llm-test")
        use = gr.Button(page.say("use"), variant="primary", elem_id="llm-use")
    said = gr.HTML(elem_id="llm-said", apply_default_css=False)

    def wanted(name: str, url: str, secret: str) -> LLMSettings:
        from answer.settings import LLMSettings

        return LLMSettings(model=name.strip(), base_url=url.strip(), api_key=secret.strip())

    def try_model(name: str, url: str, secret: str, request: gr.Request) -> str:
        from answer.llm import LLMFailure, LLMUnavailable, open_llm

        if not page.is_admin(request):
            return fault(page, page.say("not_admin"))
        settings = wanted(name, url, secret)
        if not settings.wanted:
            return note(page.say("llm_off"))
        try:
            reply = open_llm(replace(settings, timeout=TEST_SECONDS)).complete("只回答：好", "你好")
        except (LLMFailure, LLMUnavailable) as error:
            # the reason may quote what was sent, and with it the key
            return fault(page, str(error).replace(secret.strip() or "\0", "…"))
        return note(page.say("ok") + reply[:200])

    def use_model(name: str, url: str, secret: str, request: gr.Request) -> str:
        from answer.llm import LLMUnavailable, open_llm

        if not page.is_admin(request):
            return fault(page, page.say("not_admin"))
        settings = wanted(name, url, secret)
        try:
            llm = open_llm(settings) if settings.wanted else None
            context.service.use_llm(llm)
        except (LLMUnavailable, NotReady) as error:
            return fault(page, str(error).replace(secret.strip() or "\0", "…"))
        return note(page.say("llm_used") + llm.name if llm is not None else page.say("llm_off"))

    test.click(try_model, [model, address, key], [said], **QUIET)
    use.click(use_model, [model, address, key], [said], **QUIET)


def _encoder(page: Page, context: Context) -> None:
    _section(page, "encoder", "encoder_help")
    name = gr.Textbox(label=page.say("encoder_name"), max_lines=1, elem_id="encoder-name", max_length=500)
    with gr.Row():
        test = gr.Button(page.say("test"), elem_id="encoder-test")
        use = gr.Button(page.say("use"), variant="primary", elem_id="encoder-use")
    said = gr.HTML(elem_id="encoder-said", apply_default_css=False)

    def tried(chosen: str, request: gr.Request, act: Callable[[str], str]) -> str:
        from index.encoder import EncoderError

        if not page.is_admin(request):
            return fault(page, page.say("not_admin"))
        try:
            return note(act(chosen.strip()))
        except (EncoderError, UploadError, NotReady, OSError, ValueError) as error:
            return fault(page, str(error))

    def try_encoder(chosen: str, request: gr.Request) -> str:
        def act(wanted: str) -> str:
            from index.encoder import open_encoder

            encoder = open_encoder(wanted)
            vector = encoder.encode(["反腐败"], "query")
            return f"{page.say('ok')}{encoder.name or 'models/default'}, {vector.shape[1]}"

        return tried(chosen, request, act)

    def use_encoder(chosen: str, request: gr.Request) -> str:
        def act(wanted: str) -> str:
            with_encoder(context.service, wanted, context.settings.index_dir)
            return page.say("llm_used") + (context.service.engine.index.encoder.name or "models/default")

        return tried(chosen, request, act)

    test.click(try_encoder, [name], [said], api_visibility="private", concurrency_limit=1)
    use.click(use_encoder, [name], [said], api_visibility="private", concurrency_limit=1)


def fault(page: Page, message: str) -> str:
    """An error message as HTML."""
    return f'<p class="fault" role="alert">{escape(page.say("error") + message)}</p>'


def note(message: str) -> str:
    """A message as HTML."""
    return f'<p class="state ready" role="status">{escape(message)}</p>'
