"""Small SVG plots for reports and notebooks.

Plain SVG text needs no plotting library and no font file: Chinese labels are drawn by whatever shows
the page, and the page opens offline.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

COLOURS = ("#1f5fa8", "#c8552b", "#3a8f5c", "#7a4fa3", "#a8861f", "#5b6b78")
FONT = "'Noto Sans CJK SC','Noto Sans SC','PingFang SC','Microsoft YaHei',sans-serif"
WIDTH = 640


def bars(
    values: Mapping[str, tuple[float, float, float]], title: str, *, counts: Mapping[str, int] | None = None
) -> str:
    """Horizontal bars: label -> (value, low, high), all in [0, 1], with interval whiskers.

    ``counts`` adds n to the labels.
    """
    left, row, top = 210, 24, 40
    height = top + row * len(values) + 30
    scale = WIDTH - left - 70
    parts = [_text(12, 22, title, size=15, bold=True), _grid(left, scale, top - 6, height - 28)]
    for number, (label, (value, low, high)) in enumerate(values.items()):
        y = top + row * number
        name = f"{label} (n={counts[label]})" if counts and label in counts else label
        parts.append(_text(left - 8, y + 14, name, anchor="end"))
        parts.append(
            f'<rect x="{left}" y="{y + 3}" width="{scale * value:.1f}" height="14" fill="{COLOURS[0]}"/>'
        )
        x1, x2 = left + scale * low, left + scale * high
        parts.append(f'<path d="M{x1:.1f} {y + 10}H{x2:.1f}" stroke="#222" stroke-width="1.5"/>')
        parts.append(_text(left + scale + 8, y + 14, f"{value:.2f}"))
    return _svg(parts, height, title)


def lines(series: Mapping[str, Sequence[tuple[float, float]]], title: str, x_label: str, y_label: str) -> str:
    """Curves of (x, y) points with a legend; y runs from 0 to 1, x from 0 to its greatest value."""
    left, top, width, height = 60, 58, WIDTH - 210, 300
    right = max((x for points in series.values() for x, _ in points), default=1.0) or 1.0
    bottom = top + height - 80
    parts = [_text(12, 22, title, size=15, bold=True)]
    for step in range(6):
        share = step / 5
        y = bottom - share * (bottom - top)
        parts.append(f'<path d="M{left} {y:.1f}H{left + width}" stroke="#ddd"/>')
        parts.append(_text(left - 6, y + 4, f"{share:.1f}", anchor="end"))
        parts.append(_text(left + share * width, bottom + 16, f"{share * right:.3g}", anchor="middle"))
    parts.append(_text(left + width / 2, bottom + 36, x_label, anchor="middle"))
    parts.append(_text(left, top - 8, y_label))
    for number, (name, points) in enumerate(series.items()):
        colour = COLOURS[number % len(COLOURS)]
        path = " ".join(
            f"{left + x / right * width:.1f},{bottom - y * (bottom - top):.1f}" for x, y in points
        )
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        y = top + 18 * number
        parts.append(f'<rect x="{left + width + 14}" y="{y}" width="12" height="12" fill="{colour}"/>')
        parts.append(_text(left + width + 32, y + 11, name))
    return _svg(parts, bottom + 50, title)


def _grid(left: float, scale: float, top: float, bottom: float) -> str:
    marks = []
    for step in range(6):
        x = left + scale * step / 5
        marks.append(f'<path d="M{x:.1f} {top}V{bottom}" stroke="#ddd"/>')
        marks.append(_text(x, bottom + 16, f"{step / 5:.1f}", anchor="middle"))
    return "".join(marks)


def _text(x: float, y: float, text: str, *, size: int = 12, anchor: str = "start", bold: bool = False) -> str:
    weight = ' font-weight="600"' if bold else ""
    place = f'x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}"{weight}'
    return f"<text {place}>{escape(text)}</text>"


def _svg(parts: Sequence[str], height: float, title: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" width="{WIDTH}" '
        f'height="{height:.0f}" role="img" aria-label="{escape(title)}" font-family="{escape(FONT)}" '
        f'fill="#222"><rect width="100%" height="100%" fill="#fff"/>{"".join(parts)}</svg>'
    )
