"""Does the answer say the right thing? Key facts first; character F1 and ROUGE-L as secondary measures."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence


def normalise(text: str) -> str:
    """NFKC, lower case, without white space and quotation marks: the form in which texts are compared."""
    folded = unicodedata.normalize("NFKC", text).lower()
    return re.sub(r"[\s\"'“”‘’「」『』]+", "", folded)


def contains_fact(text: str, variants: Sequence[str]) -> bool:
    """Whether one of the variants of a fact stands in the text.

    Compared in normalised form; a variant that begins or ends with a digit must not touch another
    digit, so that 12 is not found in 2012.
    """
    haystack = normalise(text)
    for variant in variants:
        needle = normalise(variant)
        if not needle:
            continue
        before = r"(?<!\d)" if needle[0].isdigit() else ""
        after = r"(?!\d)" if needle[-1].isdigit() else ""
        if re.search(before + re.escape(needle) + after, haystack):
            return True
    return False


def key_fact_share(text: str, facts: Sequence[Sequence[str]]) -> float:
    """Share of the listed facts present in the answer (each with its variants); 0 without facts."""
    if not facts:
        return 0.0
    return sum(contains_fact(text, variants) for variants in facts) / len(facts)


def character_f1(answer: str, reference: str) -> float:
    """F1 over the multisets of normalised characters, as in CMRC 2018 (Cui et al. 2019)."""
    first, second = normalise(answer), normalise(reference)
    shared = sum((Counter(first) & Counter(second)).values())
    if not shared:
        return 0.0
    precision, recall = shared / len(first), shared / len(second)
    return 2 * precision * recall / (precision + recall)


def rouge_l(answer: str, reference: str) -> float:
    """ROUGE-L F1 over characters: longest common subsequence against both lengths (Lin 2004, β = 1)."""
    first, second = normalise(answer), normalise(reference)
    if not first or not second:
        return 0.0
    previous = [0] * (len(second) + 1)
    for left in first:
        current = [0]
        for position, right in enumerate(second):
            current.append(
                previous[position] + 1 if left == right else max(previous[position + 1], current[-1])
            )
        previous = current
    common = previous[-1]
    return 2 * common / (len(first) + len(second))
