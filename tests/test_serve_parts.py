"""The pure parts of serve/: rows, HTML, example questions, streams, uploads."""

import asyncio
from dataclasses import replace

import pytest
from serve_running import ready_service, sample_index

from answer.answers import Answer, Citation, Sentence, Table
from serve import render
from serve.examples import candidates, example_questions
from serve.gate import Gate, TooBusy
from serve.pages import document_page, read_span
from serve.rows import from_row, to_row, turns
from serve.service import Engine, NotReady, Service
from serve.texts import TEXTS, text
from serve.uploads import UploadError, add_documents, safe_name
from serve.work import Workers

CITED = "示例/2024/6#1.1"
EVIL = "<img src=x onerror=alert(1)>\"'&"


def made(**changes) -> Answer:
    index = sample_index()
    paragraph = index.paragraph(CITED)
    citation = Citation(CITED, paragraph.text[:10], "verbatim", EVIL, EVIL)
    sentences = (
        Sentence(EVIL, (citation,), "partial"),
        Sentence("二。", (replace(citation, paragraph_id="示例/2024/1#2"), citation), "verbatim"),
    )
    values = {
        "question": EVIL, "sentences": sentences, "refused": False, "hits": tuple(index.search("公共采购", 5)),
        "standalone_question": "问", "fingerprint": "f", "notices": (EVIL,), "confidence": 0.5, "timings": {"search": 0.25},
    }  # fmt: skip
    return Answer(**{**values, **changes})


def test_a_row_becomes_the_same_answer_again():
    table = Table(("", "甲"), (("2019", made().sentences),))
    for answer in (made(), made(table=table), made(refused=True, missing=("火星",))):
        back = from_row(to_row(answer), sample_index())
        assert [h.paragraph.id for h in back.hits] == [h.paragraph.id for h in answer.hits]
        assert replace(back, hits=(), raw_text="") == replace(answer, hits=(), raw_text="")


def test_a_row_loses_paragraphs_that_are_gone_and_nonsense_is_refused():
    row = to_row(made())
    row["sentences"][0]["citations"][0]["paragraph_id"] = "gone#1"
    assert from_row(row, sample_index()).sentences[0].citations == ()
    for wrong in (
        {},
        {**row, "sentences": 5},
        {**row, "sentences": [{"text": "x", "verdict": "so-so", "citations": []}]},
    ):
        with pytest.raises(ValueError, match="not an answer"):
            from_row(wrong, sample_index())


def test_turns_carry_the_question_as_it_was_understood():
    (turn,) = turns([to_row(made())])
    assert (turn.question, turn.answer) == ("问", made().text)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_nothing_of_a_document_or_a_reader_becomes_markup(lang):
    table = Table((EVIL, EVIL), ((EVIL, made().sentences),))
    shown = render.conversation([to_row(made()), to_row(made(table=table)), to_row(made(refused=True))], lang)
    shown += render.pending_turn(EVIL, (), EVIL, lang) + render.failed_turn(EVIL, EVIL, lang)
    shown += render.examples([EVIL], lang)
    assert "<img" not in shown.replace('<img src="/ui', "")
    assert "onerror=alert(1)&gt;" in shown


def test_markers_are_numbered_in_order_and_verdicts_shown():
    row = to_row(made())
    assert render.numbers(row) == {CITED: 1, "示例/2024/1#2": 2}
    shown = render.answer_body(row, "zh")
    assert shown.index("[1]") < shown.index("[2]")
    assert "v-partial" in shown
    assert "部分支持" in shown


def test_a_refusal_lists_the_nearest_instead_of_repeating_the_notice():
    answer = made(refused=True, notices=("最接近的段落：甲；乙。", "另一条"))
    row = render.with_labels(to_row(answer), sample_index())
    shown = render.answer_body(row, "zh")
    assert "最接近的段落：甲" not in shown
    assert "另一条" in shown
    assert shown.count('class="cite near"') == 3


@pytest.mark.parametrize(
    ("identifier", "path"),
    [
        ("CAC/COSP/2017/4#12", "/doc/CAC/COSP/2017/4?span=0-5#p12"),
        ("003_x#2(a)(二)/4", "/doc/003_x?span=0-5#p2%28a%29%28%E4%BA%8C%29/4"),
    ],
)
def test_paths_of_paragraphs(identifier, path):
    assert render.paragraph_path(identifier, (0, 5)) == path


@pytest.mark.parametrize(
    ("span", "shown"), [((1, 3), "a<mark>b&lt;</mark>c"), ((3, 9), "ab&lt;c"), (None, "ab&lt;c")]
)
def test_marking(span, shown):
    assert render.marked("ab<c", span) == shown


@pytest.mark.parametrize(("value", "span"), [("3-9", (3, 9)), ("", None), ("3-", None), ("<script>", None)])
def test_spans_in_addresses(value, span):
    assert read_span(value) == span


def test_a_document_page_holds_every_paragraph_once():
    index = sample_index()
    for document in index.documents:
        shown = document_page(index, document, "zh")
        for paragraph in index.paragraphs:
            if paragraph.doc_id == document.id:
                assert shown.count(f'id="{render.anchor(paragraph.id)}"') == 1, paragraph.id


def test_example_questions_are_answered_from_their_documents():
    engine = Engine(sample_index())
    questions = example_questions(engine)
    assert len(questions) == len(set(questions)) == 6
    for question in questions:
        answer = engine.answer(question)
        assert not answer.refused, question
        assert any(s.citations for s in answer.sentences)
    own = sample_index().document("示例/2024/6")
    assert ("什么是公共采购？", "示例/2024/6") in list(candidates(engine, own))


def test_every_text_is_there_in_both_languages():
    for name, (zh, en) in TEXTS.items():
        assert bool(zh) == bool(en), name
    assert text("loaded", "en", documents=2, paragraphs=3) == "2 documents, 3 paragraphs loaded"


def test_a_failed_load_is_a_state_not_an_exception():
    def loader(service):
        raise ValueError("no such folder")

    service = Service(loader)
    service.load()
    assert (service.state, service.message, service.ready) == ("failed", "no such folder", False)
    with pytest.raises(NotReady, match="no such folder"):
        _ = service.engine


def test_streams_pass_items_on_and_give_the_place_back():
    async def free(gate):
        """Wait for the worker to give the place back, which may be a moment after the last item is read."""
        for _ in range(500):
            if gate.inside == 0:
                return
            await asyncio.sleep(0.01)

    async def play():
        workers = Workers.of(Gate(1))
        got = [item async for item in workers.stream(workers.quick, lambda: iter([1, 2, 3]))]
        await free(workers.gate)

        def breaks():
            yield 1
            raise KeyError("x")

        broken = workers.stream(workers.quick, breaks)
        seen = [await anext(broken)]
        with pytest.raises(KeyError):
            await anext(broken)
        await free(workers.gate)
        unread = workers.stream(workers.quick, lambda: iter([1]))
        del unread
        await free(workers.gate)
        inside = workers.gate.inside
        with workers.gate.enter(), pytest.raises(TooBusy):
            workers.stream(workers.quick, lambda: iter([1]))
        return got, seen, inside

    assert asyncio.run(play()) == ([1, 2, 3], [1], 0)


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\x\\报告.docx", "报告.docx"),
        (".env", "env"),
        ("a\x00b?.txt", "a_b_.txt"),
        ("", "document"),
    ],
)
def test_names_of_uploads(name, safe):
    assert safe_name(name) == safe


def test_uploads_are_added_replaced_saved_and_refused(tmp_path):
    from index.retrieval import Index

    service = ready_service()
    before = len(service.engine.index.documents)
    path = tmp_path / "新.txt"
    path.write_text(
        "新文件\n\n示例/2024/77\n\n1. 银杏计划于2020年开始。\n\n2. 银杏计划于2022年结束。\n", encoding="utf-8"
    )
    (report,) = add_documents(service, [path], str(tmp_path / "index"))
    assert report.read
    assert len(service.engine.index.documents) == before + 1
    path.write_text("新文件\n\n示例/2024/77\n\n1. 银杏计划于2021年开始。\n", encoding="utf-8")
    add_documents(service, [path], str(tmp_path / "index"))
    opened = Index.open(tmp_path / "index", encoder=sample_index().encoder)
    assert len(opened.documents) == before + 1
    assert "2021" in next(p.text for p in opened.paragraphs if p.id == f"{report.document_id}#1")
    with pytest.raises(UploadError, match="no files"):
        add_documents(service, [], str(tmp_path / "index"))
    with service.rebuilding(), pytest.raises(UploadError, match="under way"):
        add_documents(service, [path], str(tmp_path / "index"))


def test_an_index_follows_its_documents_and_keeps_uploads(tmp_path, monkeypatch):
    from serve.service import open_or_build

    monkeypatch.setenv("ENCODER", "hashing")
    docs, other, folder = tmp_path / "docs", tmp_path / "other", str(tmp_path / "index")
    for place, name in ((docs, "a"), (other, "b")):
        place.mkdir()
        (place / f"{name}.txt").write_text(
            f"说明{name}\n\n1. 银杏计划于2020年开始。\n\n2. 它于2022年结束。\n", encoding="utf-8"
        )

    def ids(where, default=False):
        service = Service(open_or_build(folder, str(where), default=default))
        service.load()
        assert service.ready, service.message
        return service, [d.id for d in service.engine.index.documents]

    service, first = ids(docs)
    upload = tmp_path / "c.txt"
    upload.write_text("说明c\n\n1. 紫杉计划于2021年开始。\n\n2. 它没有结束。\n", encoding="utf-8")
    add_documents(service, [upload], folder)
    assert ids(docs)[1] == ["a", "c"]
    (docs / "d.txt").write_text("说明d\n\n1. 红豆杉计划。\n\n2. 它于2023年开始。\n", encoding="utf-8")
    (docs / "a.txt").unlink()
    assert (first, ids(docs)[1]) == (["a"], ["d", "c"])
    assert ids(other, default=True)[1] == ["d", "c"]
    assert ids(other)[1] == ["b"]


def test_percentiles_of_the_load_test_are_nearest_rank(capsys):
    from benchmarks.load import Tally, main, percentile

    hundred = [float(n) for n in range(1, 101)]
    assert [percentile(hundred, p) for p in (50, 95, 99)] == [50.0, 95.0, 99.0]
    assert percentile([7.0], 99) == 7.0
    row = Tally([0.1, 0.3, 0.2], {"503": 2}).row(2.0)
    assert (row["requests"], row["per_second"], row["p50_ms"], row["errors"]) == (3, 1.5, 200.0, 2)
    assert main(["--users", "100000"]) == 2
    assert "at most" in capsys.readouterr().err
