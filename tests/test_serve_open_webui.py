"""What Open WebUI 0.12.4 was seen to send, replayed in shape, and what it makes of the answers."""

import json
import shutil

import httpx
import pytest
from serve_running import free_port, ready_service, running, sample_index, settings

from serve.application import create_app
from serve.chat_tasks import Task, attached_sources, own_words, read_task, task_reply
from serve.examples import related_questions
from serve.service import Engine

# It names itself only when it is told to forward its users' names; else its HTTP library does.
AGENT = {"user-agent": "Python/3.11 aiohttp/3.14.5", "authorization": "Bearer x"}
FIRST, SECOND = "各国预防腐败的机构应当具备什么条件？公共采购呢？", "第六条要求什么？"
TOOLS = [{"type": "function", "function": {"name": "ask_user", "parameters": {"type": "object"}}}]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    port = free_port()
    made = settings(tmp_path_factory.mktemp("serve"), port=port)
    with running(create_app(made, ready_service(), ui=False), port) as address:
        yield address


def chat_prompt(wanted, *said):
    """A request for a title, tags and so on: an instruction, the JSON wanted, the conversation."""
    lines = "\n".join(f"{'USER' if n % 2 == 0 else 'ASSISTANT'}: {words}" for n, words in enumerate(said))
    return (
        "### Task:\nDo this.\n### Output:\nJSON format: "
        f"{wanted}\n### Chat History:\n<chat_history>\n{lines}\n</chat_history>"
    )


def read_stream(lines):
    """What its middleware does: text from deltas, a source for each event and for each annotation."""
    text, sources = "", []
    for line in lines:
        if not line.startswith("data: ") or line == "data: [DONE]":
            continue
        data = json.loads(line.removeprefix("data: "))
        if "event" in data:
            assert data["event"]["type"] == "source"
            sources.append(data["event"]["data"])
        for choice in data["choices"]:
            delta = choice["delta"]
            text += delta.get("content") or ""
            for annotation in delta.get("annotations") or ():
                cited = annotation["url_citation"]
                metadata = [{"source": cited["url"], "name": cited["title"]}]
                sources.append({"document": [cited["title"]], "metadata": metadata})
    return text, sources


def listed(sources):
    """The list its page shows: one entry for each ``metadata.source``, numbered in order of appearance."""
    return list(dict.fromkeys(m["source"] for source in sources for m in source["metadata"]))


def ask(server, messages, headers=AGENT, **changes):
    body = {"stream": True, "model": "uncac-documents", "messages": messages, "tools": TOOLS, **changes}
    with httpx.stream("POST", f"{server}/v1/chat/completions", json=body, headers=headers) as reply:
        assert reply.status_code == 200
        return read_stream(reply.iter_lines())


@pytest.mark.parametrize("headers", [AGENT, {"X-OpenWebUI-User-Name": "reader"}])
def test_each_marker_points_at_the_source_with_its_number(server, headers):
    text, sources = ask(server, [{"role": "user", "content": FIRST}], headers)
    assert [text.count(mark) for mark in ("[1]", "[2]", "[3]", "[^")] == [2, 2, 0, 0]
    # paragraph 12 is quoted twice, with two addresses: still one entry
    assert listed(sources) == ["示例/2024/1#12", "示例/2024/6#1.1"]
    first = sources[0]
    assert first["document"] == [sample_index().paragraph("示例/2024/1#12").text]
    assert first["source"]["name"] == first["metadata"][0]["name"] == "示例/2024/1，第12段"
    assert httpx.get(first["source"]["url"]).status_code == 200


def test_a_source_comes_before_the_first_marker_that_names_it(server):
    """A marker without its source is shown as plain text until the source comes."""
    body = {"stream": True, "model": "m", "messages": [{"role": "user", "content": FIRST}]}
    reply = httpx.post(f"{server}/v1/chat/completions", json=body, headers=AGENT).text
    assert (
        0
        < reply.index("示例/2024/1#12")
        < reply.index("[1]")
        < reply.index("示例/2024/6#1.1")
        < reply.index("[2]")
    )


def test_its_history_serves_the_follow_up(server):
    said, _ = ask(server, [{"role": "user", "content": "第五条要求什么？"}])
    earlier = [{"role": "user", "content": "第五条要求什么？"}, {"role": "assistant", "content": said}]
    text, _ = ask(server, [*earlier, {"role": "user", "content": "那第六条呢？"}])
    assert text.startswith("第六条要求缔约国")


@pytest.mark.parametrize(
    ("asked", "footnotes", "annotated"), [("never", False, True), ("always", True, True)]
)
def test_a_program_that_says_what_it_wants_gets_it(server, asked, footnotes, annotated):
    text, sources = ask(server, [{"role": "user", "content": FIRST}], inline_sources=asked)
    assert ("[^1]: 见 [示例/2024/1，第12段](http" in text) is footnotes
    assert (len(listed(sources)) > 2) is annotated


def test_without_streaming_it_gets_footnotes_since_it_lists_no_sources_then(server):
    body = {"model": "m", "messages": [{"role": "user", "content": FIRST}], "stream": False}
    made = httpx.post(f"{server}/v1/chat/completions", json=body, headers=AGENT).json()
    assert "[^2]: 见 [示例/2024/6，第1.1段](http" in made["choices"][0]["message"]["content"]


def task(server, prompt, **changes):
    body = {"model": "m", "messages": [{"role": "user", "content": prompt}], "stream": False, **changes}
    made = httpx.post(f"{server}/v1/chat/completions", json=body, headers=AGENT)
    assert made.status_code == 200
    return json.loads(made.json()["choices"][0]["message"]["content"])


def test_title_tags_and_next_questions_are_json_not_quotations(server):
    said = (FIRST, "第六条要求设有机构。[1]", SECOND, "第六条要求设有机构。[1]")
    assert task(server, chat_prompt('{ "title": "a title" }', FIRST, "")) == {
        "title": "各国预防腐败的机构应当具备什么条件？公共采购呢"
    }
    assert task(server, chat_prompt('{ "tags": ["tag1", "tag2"] }', *said)) == {
        "tags": ["预防腐败", "组织机构", "公共采购"]
    }
    found = task(server, chat_prompt('{ "follow_ups": ["1", "2"] }', *said))["follow_ups"]
    assert 1 <= len(found) <= 3
    assert SECOND not in found
    assert task(server, chat_prompt('{\n  "queries": ["query1"]\n}', *said)) == {"queries": [SECOND]}


def test_a_task_can_be_streamed(server):
    content = chat_prompt('{ "title": "a" }', "什么是资产追回？")
    text, sources = ask(server, [{"role": "user", "content": content}])
    assert (json.loads(text), sources) == ({"title": "什么是资产追回"}, [])


def test_a_question_is_no_task():
    assert read_task("什么是资产追回？") is None
    assert read_task('格式 { "title": "…" } 是什么意思？') is None
    assert read_task("<chat_history>\nUSER: 什么？\n</chat_history>") is None
    assert read_task(chat_prompt('{ "title": "x" }', '{ "tags": 1 }')) == Task("title", ('{ "tags": 1 }',))


def test_an_endless_first_question_makes_a_short_title():
    title = json.loads(task_reply(Engine(sample_index()), Task("title", ("为什么" * 50,))))["title"]
    assert (len(title), title[-1]) == (30, "…")
    assert task_reply(Engine(sample_index()), Task("title", ())) == '{"title": ""}'


def test_a_task_asks_no_model():
    class Model:
        name = "m"

        def __getattr__(self, name):
            raise AssertionError(f"the model was asked: {name}")

    engine = Engine(sample_index(), Model())
    for kind in ("title", "tags", "follow_ups", "queries", "prompt", "text"):
        assert kind in json.loads(task_reply(engine, Task(kind, ("什么是公共采购？",))))


def test_next_questions_are_near_and_answered_and_new():
    engine = Engine(sample_index())
    found = related_questions(engine, ["第六条要求什么？"])
    assert "关于预防性反腐败机构，文件是怎么说的？" in found
    assert not any(engine.answer(question).refused for question in found)
    assert set(found).isdisjoint(related_questions(engine, ["第六条要求什么？", *found]))
    assert related_questions(engine, ["What does article 6 require?"]) == []


FILES = '<attached_files>\n<file type="file" id="5" name="附件.txt"/>\n</attached_files>\n\n'
CONTEXT = '### Task:\nAnswer, e.g. from <source id="9">.\n\n<context>\n<source id="1">甲。</source>\n<source id="2">乙。</source>\n</context>\n\n'


def test_an_attached_file_is_left_out_said_so_and_counted(server):
    """It lists attached files first, so that a marker [1] would be shown as the file."""
    text, sources = ask(server, [{"role": "user", "content": CONTEXT + FILES + FIRST}])
    files = [{"metadata": [{"source": f"file {n}"}]} for n in (1, 2)]
    assert [text.count(mark) for mark in ("[1]", "[2]", "[3]", "[4]", "[5]")] == [0, 0, 2, 2, 0]
    assert listed([*files, *sources])[2:] == ["示例/2024/1#12", "示例/2024/6#1.1"]
    assert text.endswith("> 附上的文件没有用来回答：这里只依据服务器已载入的文件。")


def test_a_context_in_the_system_message_is_counted_too(server):
    said = [{"role": "system", "content": CONTEXT}, {"role": "user", "content": FIRST}]
    assert "[3]" in ask(server, said)[0]
    assert "[1]" in ask(server, said[1:])[0]


def test_own_words_are_what_the_reader_typed():
    assert own_words(CONTEXT + FILES + SECOND) == SECOND
    assert own_words(FILES + SECOND) == SECOND
    assert own_words("什么是 <context> 和 </context>？") == "什么是 <context> 和 </context>？"
    assert attached_sources('什么是 <source id="3"？') == 0
    assert read_task(chat_prompt('{ "queries": [] }', FILES + SECOND)) == Task("queries", (SECOND,))


def test_its_link_to_a_text_fragment_still_finds_the_paragraph(server):
    """Behind ``…#p16`` it writes ``#:~:text=…``, of which the browser leaves ``#p16#``."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    chromium = next((found for name in ("chromium", "google-chrome") if (found := shutil.which(name))), None)
    if chromium is None:
        pytest.skip("no chromium on this machine (apt-get install chromium)")
    _, sources = ask(server, [{"role": "user", "content": FIRST}])
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page()
        page.goto(sources[0]["source"]["url"] + "#:~:text=,")
        page.wait_for_selector("main mark")
        found = page.evaluate(
            "[document.querySelector(':target').id, document.querySelector('mark').textContent]"
        )
        browser.close()
    assert found == ["p12", "第六条要求缔约国设有一个或酌情设有多个机构预防腐败。"]
