"""Starting and stopping the server."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import socket
import sys
import threading
import time

from serve.settings import DEFAULT_DOCS, ServeSettings


def serve(settings: ServeSettings, *, browser: bool = True) -> int:
    """Serve until SIGTERM or Ctrl-C; open requests are finished first. Returns the exit status."""
    began = time.perf_counter()
    fault = port_fault(settings)
    if fault:
        print(fault, file=sys.stderr)
        return 2
    os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    for noisy in ("httpx", "faiss", "mcp"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    logging.getLogger("serve.access").setLevel(logging.INFO if settings.log_requests else logging.WARNING)
    from serve.examples import example_questions
    from serve.service import Service, open_or_build

    service = Service(
        open_or_build(settings.index_dir, settings.docs, default=settings.docs == DEFAULT_DOCS),
        example_questions,
    )
    print(
        f"Starting; index in {settings.index_dir}, documents in {settings.docs} …",
        file=sys.stderr,
        flush=True,
    )
    import uvicorn

    from serve.front import Front

    def make() -> object:
        service.start()  # while the web framework is being imported
        from serve.application import create_app

        return create_app(settings, service)

    config = uvicorn.Config(
        Front(make), host=settings.host, port=settings.port, log_level="warning", access_log=False,
        timeout_graceful_shutdown=30, server_header=False, proxy_headers=False,
    )  # fmt: skip
    server = uvicorn.Server(config)
    announcing = threading.Thread(target=_announce, args=(server, settings, began, browser), daemon=True)
    announcing.start()
    for stop in (signal.SIGTERM, signal.SIGINT):
        # uvicorn finishes open requests, then raises the signal again, which would end the process by it
        signal.signal(stop, lambda number, frame: None)
    server.run()
    return 0 if server.started else 1


def port_fault(settings: ServeSettings) -> str:
    """Why the address cannot be listened on, or ""."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with contextlib.closing(socket.socket(family, socket.SOCK_STREAM)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            where = f"{settings.host}:{settings.port}"
            return f"{where} cannot be used ({error.strerror}); choose another with --port."
    return ""


def _announce(server: object, settings: ServeSettings, began: float, browser: bool) -> None:
    while not getattr(server, "started", False):
        time.sleep(0.02)
    seconds = time.perf_counter() - began
    print(
        f"Open {settings.url}  (listening after {seconds:.1f} s; Ctrl-C stops)", file=sys.stderr, flush=True
    )
    if browser and (
        sys.platform != "linux" or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    ):
        import webbrowser

        webbrowser.open(settings.url)


def check(settings: ServeSettings) -> int:
    """Look the configuration over without serving: address, index, model. 0 when all is well, else 2."""
    from pathlib import Path

    from answer.settings import llm_settings
    from index.store import StoreError, read_manifest

    problems = []
    fault = port_fault(settings)
    if fault:
        problems.append(fault)
    try:
        manifest = read_manifest(Path(settings.index_dir))
        encoder = manifest["encoder"]["name"] or "models/default"
        found = f"index in {settings.index_dir}: {manifest['paragraphs']} paragraphs, encoder {encoder}"
    except StoreError:
        found = f"no index in {settings.index_dir} yet; it will be built from {settings.docs}"
    try:
        llm = llm_settings()
        model = (
            f"model {llm.model or 'of the server'} {llm.base_url}"
            if llm.wanted
            else "no model, extractive answers"
        )
    except ValueError as error:
        problems.append(str(error))
        model = "unknown model"
    if problems:
        print("The configuration cannot be used:", *problems, sep="\n  - ", file=sys.stderr)
        return 2
    guard = "keys required" if settings.guarded else "no keys, this machine only"
    print(f"The configuration is good: {settings.url}; {guard}; {found}; {model}.")
    return 0
