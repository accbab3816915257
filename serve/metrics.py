"""Counts and durations in the text format of Prometheus."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from serve.application import Context

BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


@dataclass(slots=True)
class Metrics:
    """Requests by route and status, and how long they took in seconds."""

    requests: Counter[tuple[str, str, int]] = field(default_factory=Counter)
    buckets: Counter[tuple[str, float]] = field(default_factory=Counter)
    seconds: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one finished request; ``route`` is a pattern, never an address a caller made up."""
        with self._lock:
            self.requests[method, route, status] += 1
            self.seconds[route] += seconds  # type: ignore[assignment]
            for bound in BUCKETS:
                if seconds <= bound:
                    self.buckets[route, bound] += 1

    def exposition(self, context: Context) -> str:
        """All metrics as text."""
        with self._lock:
            requests, buckets, seconds = Counter(self.requests), Counter(self.buckets), Counter(self.seconds)
        service = context.service
        lines = ["# TYPE uncac_requests_total counter"]
        totals: Counter[str] = Counter()
        for (method, route, status), count in sorted(requests.items()):
            totals[route] += count
            lines.append(
                f'uncac_requests_total{{method="{method}",route="{route}",status="{status}"}} {count}'
            )
        lines.append("# TYPE uncac_request_seconds histogram")
        for route, total in sorted(totals.items()):
            for bound in BUCKETS:
                lines.append(
                    f'uncac_request_seconds_bucket{{route="{route}",le="{bound}"}} {buckets[route, bound]}'
                )
            lines.append(f'uncac_request_seconds_bucket{{route="{route}",le="+Inf"}} {total}')
            lines.append(f'uncac_request_seconds_sum{{route="{route}"}} {float(seconds[route]):.6f}')
            lines.append(f'uncac_request_seconds_count{{route="{route}"}} {total}')
        index = service.engine.index if service.ready else None
        gauges = {
            "uncac_ready": int(service.ready),
            "uncac_questions_in_flight": context.gate.inside,
            "uncac_index_paragraphs": len(index.paragraphs) if index else 0,
            "uncac_index_documents": len(index.documents) if index else 0,
        }
        counters = {
            "uncac_turned_away_total": context.gate.turned_away,
            "uncac_index_swaps_total": service.swaps,
        }
        for kind, values in (("gauge", gauges), ("counter", counters)):
            for name, value in values.items():
                lines += [f"# TYPE {name} {kind}", f"{name} {value}"]
        return "\n".join(lines) + "\n"
