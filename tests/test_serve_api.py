"""The programs' interface: values, errors, streams, health."""

import json

import pytest
from fastapi.testclient import TestClient
from serve_running import ready_service, sample_index, settings

from serve.application import create_app
from serve.service import Service

QUESTION = "什么是公共采购？"


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    app = create_app(settings(tmp_path_factory.mktemp("serve")), ready_service(), ui=False)
    with TestClient(app, base_url="http://127.0.0.1:7860", raise_server_exceptions=False) as client:
        yield client


def events(text):
    for block in text.strip().split("\n\n"):
        kind, data = block.split("\n", 1)
        yield kind.removeprefix("event: "), json.loads(data.removeprefix("data: "))


def test_search_returns_what_the_index_returns(client):
    found = client.post("/search", json={"query": QUESTION, "k": 3}).json()
    hits = sample_index().search(QUESTION, 3)
    assert [h["paragraph_id"] for h in found["hits"]] == [h.paragraph.id for h in hits]
    assert found["hits"][0]["score"] == pytest.approx(hits[0].score)
    assert found["hits"][0]["text"] == hits[0].paragraph.text
    assert found["hits"][0]["parts"] == {k: pytest.approx(v) for k, v in hits[0].parts.items()}
    assert client.get("/search", params={"q": QUESTION, "k": 3}).json() == found


def test_search_is_restricted_by_filters(client):
    body = {"query": "腐败", "k": 20, "filters": {"documents": ["示例/2024/6"]}}
    found = client.post("/search", json=body).json()["hits"]
    assert found
    assert {h["paragraph_id"].split("#")[0] for h in found} == {"示例/2024/6"}


def test_answer_cites_and_links_to_the_marked_paragraph(client):
    answer = client.post("/answer", json={"question": QUESTION}).json()
    citation = answer["sentences"][0]["citations"][0]
    assert not answer["refused"]
    assert citation["paragraph_id"] == "示例/2024/6#1.1"
    assert citation["label"] == "示例/2024/6，第1.1段"
    paragraph = sample_index().paragraph(citation["paragraph_id"])
    start = paragraph.text.index(citation["quote"])
    assert citation["url"].endswith(f"/2024/6?span={start}-{start + len(citation['quote'])}#p1.1")
    assert client.get(citation["url"]).status_code == 200


def test_streamed_answer_ends_with_the_whole_answer(client):
    reply = client.post("/answer", json={"question": QUESTION, "stream": True})
    assert reply.headers["content-type"].startswith("text/event-stream")
    found = list(events(reply.text))
    whole = client.post("/answer", json={"question": QUESTION}).json()
    assert found[0][0] == "status"
    assert [data for kind, data in found if kind == "sentence"] == whole["sentences"]
    assert found[-1][0] == "answer"
    assert found[-1][1]["text"] == whole["text"]
    assert client.app.state.context.gate.inside == 0


def test_without_an_admitted_document_there_is_no_answer(client):
    body = {"question": QUESTION, "filters": {"documents": ["none"]}}
    answer = client.post("/answer", json=body).json()
    assert answer["refused"]
    assert not any(s["citations"] for s in answer["sentences"])


def test_verify_tells_supported_from_unsupported(client):
    claim = "公共采购是指公共机关用公共资金取得货物、工程或者服务。"
    good = client.post("/verify", json={"claim": claim, "paragraph_id": "示例/2024/6#1.1"}).json()
    bad = client.post("/verify", json={"claim": "会议在纽约举行。", "text": "会议在维也纳举行。"}).json()
    assert good["verdict"] == "verbatim"
    assert claim.startswith(sample_index().paragraph("示例/2024/6#1.1").text[slice(*good["span"])])
    assert bad["verdict"] in ("partial", "unsupported")
    assert bad["score"] < good["score"]


def test_quote_shows_where_a_draft_differs(client):
    found = client.post("/quote", json={"text": "《公约》共八章七十二条。"}).json()
    assert found["verdict"] == "near"
    assert {"kind": "missing", "text": "一"} in found["matches"][0]["changes"]
    assert {"kind": "added", "text": "二"} in found["matches"][0]["changes"]


def test_documents_and_paragraphs(client):
    listed = {d["id"]: d for d in client.get("/documents").json()["documents"]}
    index = sample_index()
    assert set(listed) == {d.id for d in index.documents}
    own = [p for p in index.paragraphs if p.doc_id == "示例/2024/6"]
    assert listed["示例/2024/6"]["paragraphs"] == len(own)
    shown = client.get("/paragraphs/示例/2024/1%232").json()
    assert shown["citation"] == "示例/2024/1，第2段"
    assert (shown["before"], shown["after"]) == ("示例/2024/1#1", "示例/2024/1#3")


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/search", {"query": ""}, 422),
        ("POST", "/search", {"query": "x", "k": 1000}, 422),
        ("POST", "/answer", {"question": "x" * 2001}, 422),
        ("POST", "/verify", {"claim": "x"}, 422),
        ("GET", "/paragraphs/none%231", None, 404),
        ("GET", "/nowhere", None, 404),
        ("DELETE", "/search", None, 405),
        ("POST", "/search", "x" * 300_000, 413),
    ],
)
def test_errors_are_problems(client, method, path, body, status):
    reply = client.request(method, path, json=body)
    assert reply.status_code == status
    assert reply.headers["content-type"] == "application/problem+json"
    problem = reply.json()
    assert (problem["status"], bool(problem["detail"])) == (status, True)
    assert problem["error"]["message"] == problem["detail"]


def test_an_error_does_not_repeat_what_was_sent(client):
    reply = client.post("/answer", json={"question": {"secret": "s3cret"}})
    assert reply.status_code == 422
    assert "s3cret" not in reply.text


def test_a_body_without_length_is_limited_too(client):
    def pieces():
        for _ in range(10):
            yield b"x" * 100_000

    assert client.post("/search", content=pieces()).status_code == 413


def test_health_and_metrics(client):
    assert client.get("/healthz").json() == {"status": "ok"}
    ready = client.get("/readyz").json()
    assert (ready["status"], ready["paragraphs"]) == ("ready", len(sample_index().paragraphs))
    text = client.get("/metrics").text
    assert 'uncac_requests_total{method="GET",route="/healthz",status="200"} ' in text
    assert f"uncac_index_paragraphs {len(sample_index().paragraphs)}" in text
    assert "nowhere" not in text


def test_not_ready_is_503_with_retry_after(tmp_path):
    app = create_app(settings(tmp_path), Service(), ui=False)
    with TestClient(app, base_url="http://127.0.0.1") as waiting:
        for path in ("/readyz", "/documents"):
            reply = waiting.get(path)
            assert (reply.status_code, reply.headers["retry-after"]) == (503, "2")
        assert waiting.get("/healthz").status_code == 200


def test_openapi_has_examples_and_the_page_loads_nothing_from_elsewhere(client):
    description = client.get("/openapi.json").json()
    assert {"/search", "/answer", "/verify", "/v1/chat/completions", "/paragraphs/{paragraph_id}"} <= set(
        description["paths"]
    )
    page = client.get("/docs").text
    assert "什么是资产追回？" in page
    assert "http" not in page.replace("http-equiv", "").replace("https://本服务器", "")


def test_document_page_escapes_the_document(client):
    page = client.get("/doc/示例/2024/99").text
    assert "<script>window" not in page
    assert "&lt;script&gt;window" in page
    assert 'id="p1"' in page
    assert client.get("/doc/nothing").status_code == 404
    assert "script-src 'self'" in client.get("/doc/示例/2024/99").headers["content-security-policy"]


def test_panel_marks_the_quotation_and_says_why(client):
    body = {
        "id": "示例/2024/6#1.1",
        "quote": "公共采购是指公共机关用公共资金取得货物、工程或者服务。",
        "question": QUESTION,
        "verdict": "verbatim",
    }
    shown = client.post("/ui/panel", json=body).text
    assert "<mark>公共采购是指公共机关用公共资金取得货物、工程或者服务。</mark>" in shown
    assert "示例/2024/6，第1.1段" in shown
    assert "<meter" in shown
    assert "检索排名第" in shown
    assert client.post("/ui/panel", json={"id": "none#1"}).status_code == 404


def test_exports_hold_the_citation(client, tmp_path):
    row = client.post("/answer", json={"question": QUESTION}).json()
    text = client.post("/ui/export", json={"format": "md", "rows": [row]}).text
    assert "[^1]: 示例/2024/6，第1.1段" in text
    made = client.post("/ui/export", json={"format": "json", "rows": [row]}).json()
    assert made[0]["sentences"][0]["citations"][0]["paragraph_id"] == "示例/2024/6#1.1"
    word = client.post("/ui/export", json={"format": "docx", "rows": [row]})
    assert word.content[:2] == b"PK"
    assert client.post("/ui/export", json={"format": "md", "rows": [{"question": 1}]}).status_code == 422


def test_feedback_is_stored_without_the_question(client):
    body = {"thumb": "down", "reason": "source", "question": "secret question", "paragraphs": ["a#1"]}
    assert client.post("/ui/feedback", json=body).status_code == 204
    store = client.app.state.context.feedback
    assert store.counts()[("down", "source")] == 1
    assert b"secret question" not in store.path.read_bytes()
    assert client.post("/ui/feedback", json={**body, "reason": "because"}).status_code == 422
