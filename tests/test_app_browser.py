"""The chat page in a real headless Chromium, in desktop and phone width; screenshots go to SCREENSHOTS if set."""

import json
import os
import re
import shutil
import threading
from pathlib import Path

import pytest
from serve_running import free_port, ready_service, running, sample_index, settings

pytest.importorskip("playwright.sync_api", reason="playwright is not installed (requirements-dev.txt)")
CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))),
    None,
)
pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="no chromium on this machine (apt-get install chromium)"
)

QUESTION = "什么是公共采购？"
QUOTED = "公共采购是指公共机关用公共资金取得货物、工程或者服务。"
HOST_PAGE = "<!doctype html><meta charset=utf-8><link rel=icon href='data:,'><h1>Elsewhere</h1><style>p{{color:red}}</style><script src='{}/widget.js'></script>"


class Site:
    """The server under test and the page of another origin."""

    def __init__(self, address, elsewhere, context):
        self.address, self.elsewhere, self.context = address, elsewhere, context


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    from fastapi import FastAPI
    from fastapi.responses import HTMLResponse

    from serve.application import create_app

    port, other = free_port(), free_port()
    folder = tmp_path_factory.mktemp("browser")
    made = settings(folder, port=port, origins=(f"http://127.0.0.1:{other}",))
    app = create_app(made, ready_service(examples=True))
    host_page = FastAPI()
    host_page.get("/", response_class=HTMLResponse)(lambda: HOST_PAGE.format(f"http://127.0.0.1:{port}"))
    with running(app, port) as address, running(host_page, other) as elsewhere:
        yield Site(address, elsewhere, app.state.context)


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser, site):
    """Opens pages in fresh contexts, records errors and every address asked for, and checks both at the end."""
    contexts, faults, asked = [], [], []

    def open_(path="/", *, width=1280, height=800, wait=".example", **options):
        context = browser.new_context(
            viewport={"width": width, "height": height}, accept_downloads=True, **options
        )
        context.set_default_timeout(20_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(f"{error.name}: {error.message}"))
        page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
        page.on("request", lambda request: asked.append(request.url))
        page.goto(path if path.startswith("http") else site.address + path)
        if wait:
            page.wait_for_selector(wait)
        return page

    yield open_
    for context in contexts:
        context.close()
    # Gradio's own requests under way are aborted when a page is left
    assert [fault for fault in faults if not re.search("AbortError|Connection errored out", fault)] == []
    ours = (site.address, site.elsewhere, "data:", "blob:")
    assert [url for url in asked if not url.startswith(ours)] == []


def ask(page, question, turns=1):
    page.fill("#ask textarea", question)
    page.press("#ask textarea", "Enter")
    page.wait_for_function(f"document.querySelectorAll('article[data-row]').length === {turns}")


def shoot(page, name):
    folder = os.environ.get("SCREENSHOTS")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.wait_for_timeout(400)
        page.screenshot(path=str(Path(folder) / f"{name}.png"))


def no_sideways_scrolling(page):
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_question_marker_panel_citation_and_document(open_page, site):
    page = open_page()
    shoot(page, "desktop-start")
    ask(page, QUESTION)
    assert QUOTED in page.inner_text(".answer")
    assert page.inner_text(".sentence .badge >> nth=0") == "逐字"
    page.click(".sentence .cite >> nth=0")
    page.wait_for_selector("#panel .cited mark")
    assert page.inner_text("#panel mark") == QUOTED
    assert page.inner_text("#panel h2") == "示例/2024/6，第1.1段"
    assert page.locator("#panel .neighbour").count() >= 1
    assert "检索排名第" in page.inner_text("#panel .why")
    assert page.locator("#panel meter").count() >= 2
    box = page.locator("#panel").bounding_box()
    text = page.locator(".answer").bounding_box()
    assert text["x"] + text["width"] <= box["x"] + 1, "the panel covers the answer"
    shoot(page, "desktop-panel")

    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.click("#panel [data-copy] >> nth=0")
    assert page.evaluate("navigator.clipboard.readText()") == "示例/2024/6，第1.1段"
    with page.expect_popup() as opened:
        page.click("#panel .actions a")
    document = opened.value
    document.wait_for_selector(".paragraph mark")
    assert document.inner_text(".paragraph:target mark") == QUOTED
    assert document.locator(".paragraph:target").get_attribute("id") == "p1.1"
    shoot(document, "desktop-document")
    document.emulate_media(media="print")
    assert document.locator(".bar").is_hidden()
    page.keyboard.press("Escape")
    assert page.locator("#panel").is_hidden()


def test_keys_examples_and_walking_through_the_sources(open_page):
    page = open_page()
    page.locator("body").click(position={"x": 5, "y": 400})
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.closest('#ask') !== null")
    example = page.inner_text(".example >> nth=0")
    page.click(".example >> nth=0")
    page.wait_for_selector("article[data-row]")
    assert page.inner_text(".question").endswith(example)
    assert page.locator(".answer.refusal").count() == 0
    page.click(".cite >> nth=0")
    page.wait_for_selector("#panel .cited")
    page.keyboard.press("ArrowRight")
    page.wait_for_function(
        "[...document.querySelectorAll('.cite')].indexOf(document.querySelector('.cite.current')) === 1"
    )


def test_nothing_found_says_so_and_shows_the_nearest(open_page):
    page = open_page()
    ask(page, "zxqv wvut yyrr?")
    answer = page.locator(".answer")
    assert answer.locator(".lead").inner_text() == "文件中没有找到答案"
    if answer.locator(".nearest .cite").count():
        answer.locator(".nearest .cite").first.click()
        page.wait_for_selector("#panel .cited")
    shoot(page, "desktop-refusal")


def test_follow_up_history_new_conversation_and_return(open_page):
    page = open_page()
    ask(page, "第五条要求什么？")
    ask(page, "那第六条呢？", turns=2)
    assert "按此理解您的追问" in page.inner_text("article >> nth=1")
    page.click("#side .toggle-button")
    page.wait_for_selector("#history label")
    shoot(page, "desktop-history")
    page.click("#new")
    page.wait_for_selector(".example")
    assert page.locator("article").count() == 0
    page.reload()
    page.wait_for_selector(".example")
    page.click("#side .toggle-button")
    page.click("#history label >> nth=0")
    page.wait_for_function("document.querySelectorAll('article[data-row]').length === 2")
    assert "第五条要求什么？" in page.inner_text("article >> nth=0")


def test_filters_restrict_the_sources(open_page):
    page = open_page()
    page.click("#filters .label-wrap")
    page.click("#filters input >> nth=0")
    page.click("li[role=option]:has-text('示例/2024/6')")
    page.keyboard.press("Escape")
    ask(page, "腐败风险最集中的领域是什么？")
    rows = json.loads(page.get_attribute("article[data-row]", "data-row"))
    assert {hit["paragraph_id"].split("#")[0] for hit in rows["hits"]} == {"示例/2024/6"}
    shoot(page, "desktop-filters")


def test_documents_cannot_inject(open_page):
    page = open_page()
    ask(page, "什么是危险标记？")
    page.click(".cite >> nth=0")
    page.wait_for_selector("#panel .cited")
    assert "<script>" in page.inner_text("#panel .cited")
    assert "${1+1} {{1+1}}" in page.inner_text("#panel .cited")
    ask(page, "<img src=x onerror='window.hacked=1'>${7*7}", turns=2)
    assert page.inner_text("article >> nth=1").count("${7*7}") >= 1
    page.goto(page.url + "doc/示例/2024/99#p2")
    page.wait_for_selector(".paragraph")
    assert page.locator("main img, main a[href^=javascript]").count() == 0
    assert page.evaluate("window.hacked") is None


def test_documents_quotation_and_english(open_page):
    page = open_page()
    page.click("button[role=tab]:has-text('文件')")
    assert page.locator("table.documents tbody tr").count() == len(sample_index().documents)
    shoot(page, "desktop-documents")
    page.click("button[role=tab]:has-text('核对引文')")
    page.fill("#draft textarea", "《公约》共八章七十二条。第二章题为“预防措施”。")
    page.click("#check")
    page.wait_for_selector(".quote")
    assert page.locator(".quote .badge").all_inner_texts() == ["相近，有出入", "逐字相符"]
    assert (page.inner_text(".quote del"), page.inner_text(".quote ins")) == ("一", "二")
    shoot(page, "desktop-quotation")
    page.click(".language")
    page.wait_for_selector(".example")
    assert "UN anti-corruption documents" in page.inner_text("h1")
    assert page.evaluate("document.documentElement.lang") == "en"
    shoot(page, "desktop-english")


def test_export_and_feedback(open_page, site):
    page = open_page()
    ask(page, QUESTION)
    for kind, start in (("md", b"## "), ("docx", b"PK"), ("json", b"[")):
        with page.expect_download() as download:
            page.click(f"[data-export={kind}]")
        assert Path(download.value.path()).read_bytes().startswith(start)
    before = site.context.feedback.counts().get(("down", "incomplete"), 0)
    page.click("[data-thumb=down]")
    page.click("[data-reason=incomplete]")
    page.wait_for_selector("text=谢谢，已记录")
    assert site.context.feedback.counts()[("down", "incomplete")] == before + 1


def test_phone(open_page):
    page = open_page(width=390, height=844, is_mobile=True, has_touch=True)
    shoot(page, "phone-start")
    assert no_sideways_scrolling(page)
    ask(page, QUESTION)
    assert no_sideways_scrolling(page)
    shoot(page, "phone-answer")
    page.tap(".sentence .cite >> nth=0")
    page.wait_for_selector("#panel mark")
    box = page.locator("#panel").bounding_box()
    assert (box["x"], box["width"]) == (0, 390)
    assert page.locator("#panel mark").is_visible()
    shoot(page, "phone-panel")
    page.tap("#panel [data-close]")
    page.click("button[role=tab]:has-text('文件')")
    page.wait_for_selector("table.documents td")
    assert no_sideways_scrolling(page)
    shoot(page, "phone-documents")


def contrast(page, selector):
    """The contrast ratio (WCAG 2.2) of a text against the nearest opaque background."""
    return page.evaluate(
        """(selector) => {
      const parse = (c) => c.match(/[\\d.]+/g).map(Number);
      const light = ([r, g, b]) => { const f = (v) => { v /= 255; return v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4; };
        return .2126 * f(r) + .7152 * f(g) + .0722 * f(b); };
      let element = document.querySelector(selector), back = element;
      const ink = parse(getComputedStyle(element).color);
      let paper = parse(getComputedStyle(back).backgroundColor);
      while (paper.length === 4 && paper[3] < 1) { back = back.parentElement; paper = parse(getComputedStyle(back).backgroundColor); }
      const [a, b] = [light(ink), light(paper)].sort((x, y) => y - x);
      return (a + .05) / (b + .05); }""",
        selector,
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contrast_is_readable(open_page, scheme):
    page = open_page(color_scheme=scheme)
    ask(page, QUESTION)
    for selector in (
        ".question",
        ".sentence",
        ".badge",
        ".cite",
        ".meta .facts",
        ".small",
        ".state",
        ".language",
    ):
        assert contrast(page, selector) >= 4.5, selector
    page.click(".sentence .cite >> nth=0")
    page.wait_for_selector("#panel mark")
    for selector in ("#panel mark", "#panel .neighbour p", "#panel .where", "#panel .label"):
        assert contrast(page, selector) >= 4.5, selector
    shoot(page, f"desktop-{scheme}")


def test_upload_reports_and_answers_at_once(open_page, site, tmp_path):
    path = tmp_path / "新的说明.txt"
    path.write_text(
        "紫杉计划说明\n\n1. 紫杉计划是指为岛屿国家培训审计人员的示例计划。\n\n2. 紫杉计划于2021年开始。\n",
        encoding="utf-8",
    )
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(b"%PDF-1.7 not really")
    before = site.context.service.engine
    page = open_page()
    page.click("button[role=tab]:has-text('设置')")
    page.set_input_files("#upload input[type=file]", [str(path), str(broken)])
    page.wait_for_selector("#upload table, #upload .file-preview")
    page.click("#upload-start")
    page.wait_for_selector("#upload-report table")
    report = page.inner_text("#upload-report")
    assert "新的说明.txt" in report
    assert "未读入" in report
    shoot(page, "desktop-upload")
    page.click("button[role=tab]:has-text('提问')")
    ask(page, "紫杉计划从哪一年开始？")
    assert "2021年" in page.inner_text(".answer")
    site.context.service._engine = before


def test_settings_test_the_connection_and_hide_the_key(open_page):
    page = open_page()
    page.click("button[role=tab]:has-text('设置')")
    page.fill("#llm-model input", "some-model")
    page.fill("#llm-url input", f"http://127.0.0.1:{free_port()}/v1")
    page.fill("#llm-key input", "sk-very-secret")
    page.click("#llm-test")
    page.wait_for_selector("#llm-said .fault")
    assert "无法连接" in page.inner_text("#llm-said")
    assert "sk-very-secret" not in page.inner_text("body")
    page.fill("#encoder-name input", "hashing")
    page.click("#encoder-test")
    page.wait_for_selector("#encoder-said .ready")
    assert "512" in page.inner_text("#encoder-said")
    shoot(page, "desktop-settings")


def test_widget_on_a_page_of_another_origin(open_page, site):
    page = open_page(site.elsewhere, wait="uncac-chat .bubble")
    page.click("uncac-chat .bubble")
    page.fill("uncac-chat input", QUESTION)
    page.press("uncac-chat input", "Enter")
    page.wait_for_selector("uncac-chat .sources a")
    assert QUOTED in page.inner_text("uncac-chat .said")
    link = page.locator("uncac-chat a.mark").first
    assert link.get_attribute("href").startswith(f"{site.address}/doc/")
    assert (
        page.evaluate(
            "getComputedStyle(document.querySelector('uncac-chat').shadowRoot.querySelector('.said p')).color"
        )
        != "rgb(255, 0, 0)"
    )
    shoot(page, "desktop-widget")
    with page.expect_popup() as opened:
        link.click()
    opened.value.wait_for_selector(".paragraph:target mark")
    page.keyboard.press("Escape")
    page.locator("uncac-chat input").press("Escape")
    assert page.locator("uncac-chat .window").is_hidden()
    page.goto(site.address + "/widget-demo")
    page.wait_for_selector("uncac-chat .bubble")


def test_loading_state_is_shown_and_replaced(browser, tmp_path):
    from serve.application import create_app
    from serve.service import Engine, Service

    release = threading.Event()

    def loader(service):
        service.message = "building"
        release.wait(30)
        return Engine(sample_index())

    port = free_port()
    service = Service(loader)
    service.start()
    with running(create_app(settings(tmp_path, port=port), service), port) as address:
        page = browser.new_page()
        page.set_default_timeout(20_000)
        page.goto(address)
        page.wait_for_selector(".state.loading")
        assert "正在读取文件" in page.inner_text("#state")
        page.fill("#ask textarea", QUESTION)
        page.press("#ask textarea", "Enter")
        page.wait_for_selector("article .fault")
        release.set()
        page.wait_for_selector(".state.ready")
        assert f"{len(sample_index().documents)} 份文件" in page.inner_text("#state")
        page.close()


class SlowlyTyping:
    """A language model that types two sentences, the second one when it is told to; the third is not true."""

    name, context, timeout = "typing", 12_000, 30.0

    def __init__(self):
        self.go_on = threading.Event()

    def stream(self, system, user):
        number = re.search(r'编号="(\d+)"[^<]*公共采购是指', user)[1]
        yield f"{QUOTED}[{number}]公共采购"
        self.go_on.wait(20)
        yield f"在许多国家占公共支出的很大一部分。[{number}]火星上有三座寺庙，由两名宇航员看管。[{number}]"

    def rewrite(self, question, history):
        return None


def test_a_model_is_shown_sentence_by_sentence_and_can_be_stopped(open_page, site):
    model = SlowlyTyping()
    site.context.service.use_llm(model)
    try:
        page = open_page()
        page.fill("#ask textarea", QUESTION)
        page.press("#ask textarea", "Enter")
        page.wait_for_selector(".turn.pending .sentence")
        assert page.inner_text(".turn.pending .sentence").startswith(QUOTED)
        assert page.locator(".turn.pending .badge").first.is_visible()
        assert page.locator("#ask .stop-button").is_visible()
        shoot(page, "desktop-streaming")
        model.go_on.set()
        page.wait_for_selector("article[data-row]")
        answer = page.inner_text(".answer")
        assert "很大一部分" in answer
        assert "火星人" not in answer
        assert "语言模型撰写" in answer
        model.go_on.clear()
        page.fill("#ask textarea", QUESTION)
        page.press("#ask textarea", "Enter")
        page.wait_for_selector(".turn.pending")
        page.click("#ask .stop-button")
        page.wait_for_selector(".turn.pending", state="detached")
    finally:
        model.go_on.set()
        site.context.service.use_llm(None)


def test_readers_sign_in_and_only_administrators_change_settings(browser, tmp_path):
    from serve.application import create_app
    from serve.gate import hash_key

    port = free_port()
    keys = {"keys": frozenset([hash_key("reader")]), "admin_keys": frozenset([hash_key("chief")])}
    with running(
        create_app(settings(tmp_path, port=port, **keys), ready_service(examples=True)), port
    ) as address:
        page = browser.new_page()
        page.set_default_timeout(20_000)
        page.goto(address)
        page.wait_for_selector("#key")
        page.fill("#key", "wrong")
        page.press("#key", "Enter")
        page.wait_for_selector(".fault")
        page.fill("#key", "reader")
        page.press("#key", "Enter")
        page.wait_for_selector(".example")
        ask(page, QUESTION)
        assert QUOTED in page.inner_text(".answer")
        page.click("button[role=tab]:has-text('设置')")
        page.fill("#encoder-name input", "hashing")
        page.click("#encoder-use")
        page.wait_for_selector("#encoder-said .fault")
        assert "只有管理员可以更改设置" in page.inner_text("#encoder-said")
        page.close()
