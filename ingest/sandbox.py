"""Reading untrusted files in a child process that can be killed: limits on time, memory and output.

One warm child serves many files (its start costs about a tenth of a second, once). A file that hangs,
crashes a parser or eats memory ends the child, not the program; the next file gets a fresh one. What
comes back is JSON, never a pickle, so that a broken child cannot make the parent run anything.
"""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from ingest import ocr
from ingest.blocks import Block, Furniture, Layout, Mark, Note
from ingest.source import ReadError, Source

# The longest PDF allowed (3000 pages) takes some 90 s on one core; a busy machine gets three times that.
MAX_SECONDS = 300.0
MAX_MEMORY_BYTES = 2 * 1024**3
MAX_REPLY_BYTES = 512 * 1024**2
_ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may cost: seconds of real time and bytes of address space of the child."""

    seconds: float = MAX_SECONDS
    memory: int = MAX_MEMORY_BYTES


class Sandbox:
    """A child process that reads files one at a time; thread-safe, started when first needed."""

    def __init__(self, limits: Limits | None = None, command: Sequence[str] | None = None) -> None:
        self.limits = limits or Limits()
        self._command = list(command or (sys.executable, "-m", "ingest.sandbox", str(self.limits.memory)))
        self._child: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        self.peak_memory = 0

    def read(self, path: Path, suffix: str) -> Source:
        """One file read by the reader of a suffix. Raises ReadError, also for crashes and limits."""
        with self._lock:
            return self._read(path, suffix)

    def close(self) -> None:
        """End the child."""
        with self._lock:
            self._kill()

    def _read(self, path: Path, suffix: str) -> Source:
        child = self._started()
        timed_out = threading.Event()

        def stop() -> None:
            timed_out.set()
            child.kill()

        timer = threading.Timer(self.limits.seconds, stop)
        timer.start()
        try:
            answer = self._ask(child, {"path": str(path.absolute()), "suffix": suffix})
        finally:
            timer.cancel()
        if answer is None:
            self._kill()
            if timed_out.is_set():
                raise ReadError(f"reading it took more than {self.limits.seconds:g} seconds; it was given up")
            raise ReadError(
                f"its reader crashed (exit code {child.returncode}); the file is damaged or hostile"
            )
        self.peak_memory = max(self.peak_memory, int(answer.get("peak", 0)))
        if answer.get("memory"):
            self._kill()
            allowed = self.limits.memory / 1e9
            raise ReadError(f"reading it needs more than the {allowed:.1f} GB of memory allowed; split it")
        if "error" in answer:
            raise ReadError(str(answer["error"]))
        return source_from_json(answer["source"])

    def _ask(self, child: subprocess.Popen[bytes], request: dict[str, str]) -> dict[str, Any] | None:
        """The child's answer; None where it died instead."""
        assert child.stdin is not None
        assert child.stdout is not None
        try:
            child.stdin.write(json.dumps(request).encode() + b"\n")
            child.stdin.flush()
            line = child.stdout.readline(MAX_REPLY_BYTES)
        except (BrokenPipeError, OSError):
            return None
        if not line.endswith(b"\n"):
            return None
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _started(self) -> subprocess.Popen[bytes]:
        if self._child is None or self._child.poll() is not None:
            self._kill()
            environment = os.environ | {"PYTHONPATH": str(_ROOT), "PYTHONIOENCODING": "utf-8"}
            self._child = subprocess.Popen(
                self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                env=environment, cwd=_ROOT,
            )  # fmt: skip
        return self._child

    def _kill(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        child.kill()
        child.wait()
        for stream in (child.stdin, child.stdout):
            if stream is not None:
                _close(stream)


def _close(stream: IO[bytes]) -> None:
    try:
        stream.close()
    except BrokenPipeError:
        return  # what was still to be written has no reader any more


_shared: Sandbox | None = None
_shared_lock = threading.Lock()


def shared_sandbox() -> Sandbox:
    """The one child of this process, ended with it."""
    global _shared
    with _shared_lock:
        if _shared is None:
            # Recognising pages takes seconds each and a model in memory; only who asked for it pays for it.
            _shared = Sandbox(Limits(3600.0, 3 * MAX_MEMORY_BYTES) if ocr.wanted() else Limits())
            atexit.register(_shared.close)
        return _shared


def source_from_json(data: dict[str, Any]) -> Source:
    """A Source rebuilt from its ``dataclasses.asdict`` after JSON."""
    layout = data["layout"]
    blocks = tuple(
        Block(
            b["text"], _spans(b["spans"]), b["role"], b["level"], b["page"],
            tuple(Mark(m["label"], m["offset"]) for m in b["marks"]), b["complete"],
        )
        for b in layout["blocks"]
    )  # fmt: skip
    return Source(
        Layout(
            layout["text"],
            blocks,
            tuple(Note(n["label"], n["text"], _spans(n["spans"])) for n in layout["notes"]),
            tuple(Furniture(f["name"], (f["span"][0], f["span"][1])) for f in layout["furniture"]),
            tuple(layout["repairs"]),
            tuple(layout["warnings"]),
            layout["symbol_hint"],
        ),
        data["format"],
        data["encoding"],
        data["pages"],
    )


def _spans(pairs: Sequence[Sequence[int]]) -> tuple[tuple[int, int], ...]:
    return tuple((start, end) for start, end in pairs)


# --- the child -------------------------------------------------------------------------------------


def limit(memory: int) -> None:
    """Limit this process where the system can: address space, no core dumps, no files written."""
    try:
        import resource
    except ImportError:  # Windows: the time limit remains
        return
    for kind, value in (
        (resource.RLIMIT_AS, memory), (resource.RLIMIT_CORE, 0), (resource.RLIMIT_FSIZE, 0),
    ):  # fmt: skip
        try:
            resource.setrlimit(kind, (value, value))
        except (ValueError, OSError):
            continue  # a lower limit is already set, or the system knows none (macOS: address space)


def answer(request: dict[str, str]) -> dict[str, Any]:
    """Read one file and describe the outcome as plain data."""
    from ingest.readers import PARSERS

    try:
        source = PARSERS[request["suffix"]](Path(request["path"]))
    except ReadError as error:
        return {"error": str(error)}
    except MemoryError:
        return {"memory": True}
    except OSError as error:
        return {"error": f"it cannot be opened: {error.strerror or error}"}
    except RecursionError:
        return {"error": "it is nested too deeply"}
    except Exception as error:
        # A parser's own fault on a damaged file must not end the run; the type tells a developer more.
        return {
            "error": f"its reader failed ({type(error).__name__}: {str(error)[:120]}); the file is damaged"
        }
    return {"source": asdict(source)}


def _peak() -> int:
    """Peak resident memory of this process in bytes; 0 where unknown."""
    try:
        import resource
    except ImportError:
        return 0
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def main() -> None:
    """Answer requests, one JSON line each, until the input ends."""
    limit(int(sys.argv[1]) if len(sys.argv) > 1 else MAX_MEMORY_BYTES)
    # Whatever a library prints must not get between the answers.
    replies = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    for line in sys.stdin.buffer:
        try:
            outcome = answer(json.loads(line)) | {"peak": _peak()}
            data = json.dumps(outcome).encode()
        except MemoryError:
            data = b'{"memory": true}'
        replies.write(data + b"\n")
        replies.flush()


if __name__ == "__main__":
    main()
