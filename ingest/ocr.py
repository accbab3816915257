"""Scanned pages -> characters with places, by RapidOCR: an optional extra whose models ship in its wheel.

Nothing is downloaded. It is slow (some seconds a page) and can err, so it runs only when asked for:

    pip install -r requirements-ocr.txt
    OCR=1 python -m ingest scan.pdf -o -
"""

from __future__ import annotations

import importlib.util
import os
import statistics
from collections.abc import Sequence
from typing import Any

from ingest.pdf_glyphs import Glyph
from ingest.pdf_pages import Scan, blank_scan

MAX_PAGES = 300
_DPI = 200
# Recognised lines surer than this are taken; below it boxes are stains and stamps.
_MIN_SCORE = 0.5
Box = tuple[float, float, float, float, str]  # left, foot, right, top in points; text


def wanted() -> bool:
    """Whether the user asked for OCR (OCR=1) and the package is installed."""
    return os.environ.get("OCR", "").lower() in ("1", "true", "yes", "on") and installed()


def installed() -> bool:
    """Whether the optional package is there; it is not imported."""
    return importlib.util.find_spec("rapidocr_onnxruntime") is not None


def hint() -> str:
    """What the user can do about a file without text."""
    if installed():
        return "set OCR=1 to recognise its text (some seconds a page)"
    return "to recognise its text: pip install -r requirements-ocr.txt and set OCR=1"


class Recogniser:
    """Loads the models once and reads pages."""

    def __init__(self) -> None:
        from rapidocr_onnxruntime import RapidOCR  # type: ignore[import-not-found]

        self._engine: Any = RapidOCR(intra_op_num_threads=max(1, (os.cpu_count() or 2) - 1))

    def scan(self, page: Any, number: int) -> Scan:
        """One pdfium page drawn, recognised, and given back as characters on lines."""
        width, height = page.get_size()
        scale = _DPI / 72
        image = page.render(scale=scale).to_numpy()[:, :, :3].copy()
        found, _ = self._engine(image)
        boxes = [
            (corners[0][0] / scale, height - corners[2][1] / scale, corners[2][0] / scale,
             height - corners[0][1] / scale, text)
            for corners, text, score in found or ()
            if float(score) >= _MIN_SCORE and text.strip()
        ]  # fmt: skip
        return blank_scan(number, width, height, glyphs(boxes))


def glyphs(boxes: Sequence[Box]) -> list[Glyph]:
    """The characters of recognised lines, spread over each line's box.

    Boxes are as high as they happen to be, so the font size is taken from the width of the
    characters, and sizes that differ by less than a tenth are one size.
    """
    sizes = [_size(box) for box in boxes]
    usual = statistics.median([size for size in sizes if size] or [10.0])
    made: list[Glyph] = []
    for box, size in zip(boxes, sizes, strict=True):
        left, foot, right, top, text = box
        own = usual if not size or abs(size - usual) < 0.1 * usual else size
        weights = [0.5 if character.isascii() else 1.0 for character in text]
        step = (right - left) / max(sum(weights), 0.5)
        x = left
        for character, weight in zip(text, weights, strict=True):
            made.append(Glyph(character, x, x + weight * step, foot + 0.2 * (top - foot), own, False))
            x += weight * step
    return made


def _size(box: Box) -> float | None:
    """Font size by the width of a line's characters; None where there are too few to tell."""
    left, _, right, _, text = box
    wide = sum(not character.isascii() for character in text)
    return (right - left) / (wide + 0.5 * (len(text) - wide)) if wide >= 6 else None
