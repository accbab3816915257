"""Keys, limits, headers, logs; and that nobody waits for a dead model, a swap or a stop."""

import contextlib
import json
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import pytest
from fastapi.testclient import TestClient
from serve_running import free_port, ready_service, running, sample_index, settings

from serve.application import create_app
from serve.gate import COOKIE, Gate, Keys, RateLimit, TooBusy, hash_key, new_key
from serve.settings import ServeSettings, SettingsError, serve_settings

ROOT = Path(__file__).parent.parent
USER, ADMIN = "uq-user-key", "uq-admin-key"
QUESTION = "什么是公共采购？"


@pytest.fixture(scope="module")
def service():
    return ready_service()


def client_of(service, tmp_path, **changes):
    made = settings(tmp_path, **changes)
    return TestClient(
        create_app(made, service, ui=False), base_url="http://127.0.0.1", follow_redirects=False
    )


@pytest.fixture
def guarded(service, tmp_path):
    keys = {"keys": frozenset([hash_key(USER)]), "admin_keys": frozenset([hash_key(ADMIN)])}
    with client_of(service, tmp_path, **keys) as client:
        yield client


@pytest.mark.parametrize(
    "path", ["/documents", "/v1/models", "/mcp", "/doc/示例/2024/1", "/openapi.json", "/ui/panel"]
)
def test_without_a_key_everything_but_health_is_closed(guarded, path):
    reply = guarded.get(path)
    assert reply.status_code == 401
    assert reply.headers["www-authenticate"] == "Bearer"
    assert guarded.get("/healthz").status_code == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Authorization": f"Bearer {USER}"}, 200),
        ({"X-API-Key": USER}, 200),
        ({"Authorization": "Bearer wrong"}, 401),
        ({"Authorization": f"Bearer {hash_key(USER)}"}, 401),
        ({"Cookie": f"{COOKIE}={hash_key(USER)}.9999999999.00"}, 401),
    ],
)
def test_keys(guarded, headers, status):
    assert guarded.get("/documents", headers=headers).status_code == status


def test_only_an_administrator_reads_metrics(guarded):
    assert guarded.get("/metrics", headers={"X-API-Key": USER}).status_code == 403
    assert guarded.get("/metrics", headers={"X-API-Key": ADMIN}).status_code == 200


def test_browsers_sign_in_with_a_key_and_come_back(guarded):
    asked = guarded.get("/doc/示例/2024/1", headers={"Accept": "text/html"})
    assert asked.status_code == 303
    assert asked.headers["location"].startswith("/login?target=/doc/")
    assert guarded.post("/login", data={"key": "wrong", "target": "/documents"}).status_code == 401
    signed = guarded.post("/login", data={"key": USER, "target": "/documents"})
    assert (signed.status_code, signed.headers["location"]) == (303, "/documents")
    assert "HttpOnly" in signed.headers["set-cookie"]
    assert USER not in signed.headers["set-cookie"]
    assert guarded.get("/documents").status_code == 200


@pytest.mark.parametrize(
    "target", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:x"]
)
def test_sign_in_sends_nobody_elsewhere(guarded, target):
    assert guarded.post("/login", data={"key": USER, "target": target}).headers["location"] == "/"


def test_a_cookie_ends_and_cannot_be_forged(monkeypatch):
    keys = Keys(users=frozenset([hash_key(USER)]))
    cookie = keys.cookie(USER)
    assert keys.role({}, {COOKIE: cookie}) == "user"
    assert Keys(users=keys.users).role({}, {COOKIE: cookie}) is None
    later = time.time() + 13 * 3600
    monkeypatch.setattr("serve.gate.time.time", lambda: later)
    assert keys.role({}, {COOKIE: cookie}) is None


def test_new_keys_differ_and_fit_their_hash():
    (one, digest), (other, _) = new_key(), new_key()
    assert one != other
    assert hash_key(one) == digest


def test_rate_limit_is_per_client_and_tells_how_long():
    now = [0.0]
    limit = RateLimit(60, now=lambda: now[0])
    assert [limit.wait("a") for _ in range(60)] == [0] * 60
    assert limit.wait("a") == 1
    assert limit.wait("b") == 0
    now[0] = 1.0
    assert limit.wait("a") == 0
    assert limit.wait("a") == 1


def test_too_many_requests_are_429_with_retry_after(service, tmp_path):
    with client_of(service, tmp_path, rate=2) as client:
        replies = [client.get("/search", params={"q": "腐败"}) for _ in range(3)]
        assert [r.status_code for r in replies] == [200, 200, 429]
        assert int(replies[2].headers["retry-after"]) >= 1
        assert client.get("/healthz").status_code == 200


def test_a_full_gate_turns_away():
    gate = Gate(1)
    with gate.enter(), pytest.raises(TooBusy), gate.enter():
        pass
    assert (gate.inside, gate.turned_away) == (0, 1)


def test_a_full_server_is_429(service, tmp_path):
    with client_of(service, tmp_path, in_flight=1) as client, client.app.state.context.gate.enter():
        for body in ({"question": QUESTION}, {"question": QUESTION, "stream": True}):
            reply = client.post("/answer", json=body)
            assert (reply.status_code, reply.headers["retry-after"]) == (429, "2")


@pytest.mark.parametrize(
    ("host", "status"), [("127.0.0.1:7860", 200), ("localhost", 200), ("evil.example", 421), ("", 421)]
)
def test_a_loopback_server_knows_its_names(service, tmp_path, host, status):
    with client_of(service, tmp_path) as client:
        assert client.get("/documents", headers={"Host": host}).status_code == status


def test_other_origins_are_refused_unless_named(service, tmp_path):
    elsewhere = {"Origin": "https://www.example.org"}
    ask = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    with client_of(service, tmp_path) as closed:
        assert "access-control-allow-origin" not in closed.get("/documents", headers=elsewhere).headers
    with client_of(service, tmp_path, origins=("https://www.example.org",)) as opened:
        reply = opened.options("/answer", headers={**elsewhere, **ask})
        assert reply.headers["access-control-allow-origin"] == "https://www.example.org"
        other = opened.options("/answer", headers={"Origin": "https://evil.example", **ask})
        assert "access-control-allow-origin" not in other.headers


@pytest.mark.parametrize(
    ("origin", "status"),
    [("http://127.0.0.1", 200), ("https://evil.example", 403), ("null", 403), (None, 200)],
)
def test_other_sites_cannot_use_that_a_browser_is_here(service, tmp_path, origin, status):
    headers = {"Origin": origin} if origin else {}
    with client_of(service, tmp_path) as client:
        reply = client.post("/search", json={"query": "腐败"}, headers=headers)
        assert reply.status_code == status


def test_other_sites_may_ask_with_a_key_of_their_own(guarded):
    headers = {"Origin": "https://www.example.org", "X-API-Key": USER}
    assert guarded.post("/search", json={"query": "腐败"}, headers=headers).status_code == 200


def test_only_administrators_send_files(guarded):
    for path in ("/gradio_api/upload", "/en/gradio_api/upload"):
        assert guarded.post(path, headers={"X-API-Key": USER}).status_code == 403


def test_security_headers_and_log_without_questions_or_keys(guarded, caplog):
    with caplog.at_level(logging.INFO, logger="serve.access"):
        reply = guarded.post("/answer", json={"question": "秘密问题是什么？"}, headers={"X-API-Key": USER})
        guarded.get("/search", params={"q": "秘密问题"}, headers={"X-API-Key": USER})
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert reply.headers["referrer-policy"] == "same-origin"
    assert reply.headers["content-security-policy"]
    lines = [json.loads(r.message) for r in caplog.records if r.name == "serve.access"]
    assert (lines[0]["route"], lines[0]["status"], lines[0]["role"]) == ("/answer", 200, "user")
    assert lines[0]["id"] == reply.headers["x-request-id"]
    assert "秘密" not in caplog.text
    assert USER not in caplog.text


def test_settings_name_everything_that_is_wrong(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    wrong = {
        "PORT": "seven",
        "API_KEYS": "plain-key",
        "CORS_ORIGINS": "*",
        "INLINE_SOURCES": "maybe",
        "HOST": "0.0.0.0",
    }
    for name, value in wrong.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as error:
        serve_settings()
    told = "\n".join(error.value.problems)
    for name in (*wrong, "DOCS"):
        assert name in told
    assert "plain-key" not in told


def test_settings_show_no_secrets():
    assert "secret" not in repr(Keys())
    assert ServeSettings(host="0.0.0.0").loopback is False
    assert ServeSettings(host="::1").url == "http://[::1]:7860"


class SlowModel:
    """A language model that never finishes."""

    name, context, timeout = "slow", 12_000, 60.0

    def __init__(self):
        self.asked = threading.Event()
        self.release = threading.Event()

    def stream(self, system, user):
        self.asked.set()
        self.release.wait(20)
        return iter(())

    def rewrite(self, question, history):
        return None


def test_a_dead_model_holds_up_nobody_else(tmp_path):
    model = SlowModel()
    slow = ready_service(model)
    port = free_port()
    with running(create_app(settings(tmp_path, port=port), slow, ui=False), port) as address:
        waiting = [
            threading.Thread(
                target=httpx.post,
                args=(f"{address}/answer",),
                kwargs={"json": {"question": QUESTION}, "timeout": 30},
            )
            for _ in range(12)
        ]
        for thread in waiting:
            thread.start()
        assert model.asked.wait(10)
        began = time.monotonic()
        for _ in range(5):
            assert httpx.post(f"{address}/search", json={"query": QUESTION}).status_code == 200
        assert time.monotonic() - began < 5
        assert slow.engine.llm is model
        model.release.set()
        for thread in waiting:
            thread.join(20)


def test_a_reader_who_leaves_a_stream_gives_the_place_back(service, tmp_path):
    port = free_port()
    app = create_app(settings(tmp_path, port=port), service, ui=False)
    with running(app, port) as address:
        for _ in range(5):
            with httpx.stream(
                "POST", f"{address}/answer", json={"question": QUESTION, "stream": True}
            ) as reply:
                next(reply.iter_lines())
        until = time.monotonic() + 5
        while app.state.context.gate.inside and time.monotonic() < until:
            time.sleep(0.02)
        assert app.state.context.gate.inside == 0


def test_an_index_swap_under_load_fails_no_request(tmp_path):
    service = ready_service()
    port = free_port()
    statuses: list[int] = []
    stop = threading.Event()

    def ask(address):
        with httpx.Client(timeout=20) as client:
            while not stop.is_set():
                statuses.append(client.post(f"{address}/answer", json={"question": QUESTION}).status_code)

    with running(create_app(settings(tmp_path, port=port), service, ui=False), port) as address:
        users = [threading.Thread(target=ask, args=(address,)) for _ in range(6)]
        for user in users:
            user.start()
        from index.retrieval import Index, merged

        for count in (5, 9):
            everything, _ = merged(sample_index(), None, [d.id for d in sample_index().documents[count:]])
            kept = frozenset(d.id for d in everything.documents)
            from dataclasses import replace

            trimmed = replace(
                everything, paragraphs=tuple(p for p in everything.paragraphs if p.doc_id in kept)
            )
            service.swap(Index.build(trimmed, encoder=sample_index().encoder))
        time.sleep(0.3)
        stop.set()
        for user in users:
            user.join(20)
        assert httpx.get(f"{address}/readyz").json()["documents"] == 9
    assert len(statuses) > 10
    assert set(statuses) == {200}
    assert service.swaps == 2


def running_at_once(app):
    port = free_port()
    return running(app, port)


def run_app(*arguments, **environment):
    env = {**os.environ, "GRADIO_ANALYTICS_ENABLED": "False", **environment}
    return subprocess.run(
        [sys.executable, "app.py", *arguments], cwd=ROOT, capture_output=True, text=True, timeout=60, env=env
    )


def test_check_says_good_or_what_is_wrong(tmp_path):
    good = run_app(
        "--check", "--port", str(free_port()), "--index", str(tmp_path / "none"), "--docs", "corpus"
    )
    assert good.returncode == 0, good.stderr
    assert "it will be built from corpus" in good.stdout
    bad = run_app(
        "--check", "--host", "0.0.0.0", "--docs", str(tmp_path / "missing"), "--index", str(tmp_path / "none")
    )
    assert bad.returncode == 2
    assert "python -m serve key" in bad.stderr
    assert "--docs FOLDER" in bad.stderr
    assert "Traceback" not in bad.stderr


def test_a_taken_port_is_one_message(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = run_app("--port", str(taken.getsockname()[1]), "--no-browser", "--docs", "corpus")
    assert done.returncode == 2
    assert "--port" in done.stderr
    assert "Traceback" not in done.stderr


def test_help_is_quick_and_stop_finishes_open_requests(tmp_path):
    began = time.perf_counter()
    assert run_app("--help").returncode == 0
    helped = time.perf_counter() - began
    assert helped < 3, "generous: the aim is 0.5 s, measured in the benchmark on a quiet machine"
    port = free_port()
    sample_index().save(tmp_path / "index")
    args = [sys.executable, "app.py", "--port", str(port), "--no-browser", "--index", str(tmp_path / "index")]
    env = {**os.environ, "STATE_DIR": str(tmp_path)}
    with subprocess.Popen(args, cwd=ROOT, stderr=subprocess.PIPE, text=True, env=env) as process:
        address = f"http://127.0.0.1:{port}"
        until = time.monotonic() + 60
        while time.monotonic() < until:
            time.sleep(0.2)
            with contextlib.suppress(httpx.TransportError):
                if httpx.get(f"{address}/readyz").status_code == 200:
                    break
        body = json.dumps({"question": QUESTION}).encode()
        head = f"POST /answer HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        with socket.create_connection(("127.0.0.1", port), timeout=20) as open_request:
            open_request.sendall(head.encode() + body[:5])
            time.sleep(0.3)
            process.send_signal(signal.SIGTERM)
            time.sleep(0.5)
            open_request.sendall(body[5:])
            status = open_request.recv(12)
        assert process.wait(20) == 0
        told = process.stderr.read()
    assert status == b"HTTP/1.1 200"
    assert "Traceback" not in told
    assert address in told


def test_a_waiting_page_comes_before_the_application(tmp_path):
    from fastapi import FastAPI

    from serve.front import Front

    release = threading.Event()

    def make():
        release.wait(20)
        app = FastAPI()
        app.get("/")(lambda: "made")
        return app

    with running_at_once(Front(make)) as address:
        shown = httpx.get(address, headers={"Accept": "text/html"})
        assert (shown.status_code, "正在启动" in shown.text) == (200, True)
        refused = httpx.post(f"{address}/v1/chat/completions", json={})
        assert (refused.status_code, "正在启动" in refused.json()["error"]["message"]) == (503, True)
        assert httpx.get(f"{address}/readyz").status_code == 503
        assert httpx.get(f"{address}/healthz").status_code == 200
        release.set()
        until = time.monotonic() + 10
        while httpx.get(address).status_code != 200 and time.monotonic() < until:
            time.sleep(0.05)
        assert httpx.get(address).json() == "made"


def test_an_application_that_cannot_be_made_says_so():
    from serve.front import Front

    def make():
        raise RuntimeError("<no> reason")

    with running_at_once(Front(make)) as address:
        until = time.monotonic() + 10
        while "RuntimeError" not in (shown := httpx.get(address, headers={"Accept": "text/html"}).text):
            assert time.monotonic() < until
            time.sleep(0.05)
        assert "&lt;no&gt; reason" in shown
