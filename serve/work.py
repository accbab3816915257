"""Questions are answered in threads of their own, so that a slow model never holds up a search.

Two pools: ``quick`` for what only needs this machine, ``slow`` for what waits for a language model. A
reader who goes away stops the work at the next sentence.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

from serve.gate import Gate
from serve.service import Engine

T = TypeVar("T")
QUICK = 4  # the machine has few cores, and Python runs one thread at a time
_END = object()


@dataclass(frozen=True, slots=True)
class Workers:
    """The pools and the gate in front of them."""

    gate: Gate
    quick: ThreadPoolExecutor
    slow: ThreadPoolExecutor

    @classmethod
    def of(cls, gate: Gate) -> Workers:
        """Pools for a gate: as many slow threads as it lets in."""
        return cls(
            gate,
            ThreadPoolExecutor(QUICK, thread_name_prefix="quick"),
            ThreadPoolExecutor(gate.limit, thread_name_prefix="slow"),
        )

    def pool(self, engine: Engine, *, writes: bool) -> ThreadPoolExecutor:
        """The pool for work on this engine; ``writes``: whether a model may be asked."""
        return self.slow if writes and engine.llm is not None else self.quick

    async def run(self, pool: ThreadPoolExecutor, work: Callable[[], T]) -> T:
        """The result of ``work``; raises TooBusy when the gate is full, and whatever ``work`` raises."""
        self.gate.take()

        def guarded() -> T:
            try:
                return work()
            finally:
                self.gate.leave()

        try:
            future = asyncio.get_running_loop().run_in_executor(pool, guarded)
        except RuntimeError:
            self.gate.leave()
            raise
        # shielded: a reader who goes away must not cancel a job in the queue, which would keep its place
        return await asyncio.shield(future)

    def stream(self, pool: ThreadPoolExecutor, work: Callable[[], Iterator[T]]) -> AsyncIterator[T]:
        """Start ``work`` now; its items as they come. Raises TooBusy at once, later whatever ``work`` raises.

        The place at the gate is given back when the work ends, whether or not anybody reads the items; a
        reader who stops reading stops the work at the next item.
        """
        loop = asyncio.get_running_loop()
        items: asyncio.Queue[Any] = asyncio.Queue()
        stop = threading.Event()

        def send(item: Any) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(items.put_nowait, item)

        def produce() -> None:
            try:
                for item in work():
                    send(item)
                    if stop.is_set():
                        break
            except BaseException as error:
                send(error)
            finally:
                self.gate.leave()
                send(_END)

        self.gate.take()
        try:
            pool.submit(produce)
        except RuntimeError:
            self.gate.leave()
            raise
        return _read(items, stop)


async def _read(items: asyncio.Queue[Any], stop: threading.Event) -> AsyncIterator[Any]:
    try:
        while (item := await items.get()) is not _END:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        stop.set()
