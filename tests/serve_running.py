"""A real server on 127.0.0.1 for the tests of serve/: sample documents, one hostile document, no model."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

HOSTILE = """危险文件

示例/2024/99

1. <script>window.hacked=1</script><img src=x onerror="window.hacked=1">危险标记是指夹带程序的文字 ${1+1} {{1+1}}。

2. 另见[链接](javascript:alert(1))和![图片](http://example.org/x.png)，不得执行。
"""


@cache
def sample_index():
    """The index of the sample documents and the hostile one, built once per process."""
    import ingest
    from index.encoder import HashingEncoder
    from index.retrieval import Index

    folder = Path(mkdtemp(prefix="serve-test-"))
    (folder / "hostile.txt").write_text(HOSTILE, encoding="utf-8")
    corpus = ingest.load([Path(__file__).parent.parent / "corpus", folder])
    return Index.build(corpus, encoder=HashingEncoder())


def ready_service(llm=None, *, examples=False):
    """A service that is ready at once; ``examples`` makes example questions too, which takes a second."""
    from serve.examples import example_questions
    from serve.service import Engine, Service

    service = Service(lambda service: Engine(sample_index(), llm), example_questions if examples else None)
    service.load()
    assert service.ready, service.message
    return service


def free_port() -> int:
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def running(app, port: int) -> Iterator[str]:
    """Run an ASGI application on a real port; yields its address."""
    import uvicorn

    config = uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error", access_log=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + 30
    while not server.started and time.monotonic() < until:
        time.sleep(0.01)
    assert server.started, "the server did not start"
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(10)


def settings(tmp: Path, **changes):
    """Settings for tests; nothing is written outside ``tmp``."""
    from serve.settings import ServeSettings

    values = {"state_dir": str(tmp / "state"), "index_dir": str(tmp / "index"), "docs": "corpus", **changes}
    return ServeSettings(**values)
