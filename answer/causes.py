"""Why something happened: a reason that a claim gives and its source does not, or denies."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import numpy as np

from answer.findings import Finding
from answer.nearness import nearness
from answer.relations import SourceClause
from answer.vocabulary import content_words
from index.encoder import FloatArray

_CAUSE = re.compile(
    r"(?:因为|由于|鉴于|出于|(?:原因|理由)(?:就|正)?(?:是|在于))(?P<a>[^,;。]+?)(?=而(?![是且])|[,;。]|$)"
    r"|(?<![原成起诱死基病])因(?![为此而素故])(?P<b>[^,;。]+?)(?:而(?![是且])|[,;。]|$)"
    r"|是(?P<c>[^,;。]{2,16})(?:造成|引起|导致|促成)的"
)
_DENIED = re.compile(r"(?:并不是|并非|不是|不在于)[^;。]*?而(?:是|在于)|而(?:不是|并?非)[^,;。]+")
_REASON = re.compile(
    r"因|由于|理由|原因|缘故|缘于|源于|源自|在于|出于|为了|以便|以免|为避免|为防止|担心|鉴于|考虑到|条件是|"
    r"归功|得益|之所以|说明|解释|认为|指出|反映|以[^,;。]{2,24}为由"
)
_RESULT = re.compile(
    r"这[就也]?是[^,;。]*(?:理由|原因)|因此|因而|所以|以致|故而?|从而|于是|使|导致|造成|引起|促使|令|据此|由此|结果|为此"
)


def compare_causes(claim: str, source: Sequence[SourceClause]) -> Iterator[Finding]:
    """A reason that the source does not give where it speaks of what the claim explains by it."""
    match = _CAUSE.search(claim)
    if match is None:
        return
    cause = match["a"] or match["b"] or match["c"]
    words = [w.text for w in content_words(cause)]
    if match["b"] and "而" not in match.group():
        words = words[:2]  # 因天气推迟会议: where the reason ends is not marked
    effect = [w.text for w in content_words(claim[: match.start()] + claim[match.end() :])]
    told = _told(effect, source) if words and effect else []
    if not told:
        return
    reasons = [*_reasons(source, told[0])] or [r for n in told[1:] for r in _reasons(source, n)]
    sizes = [len(word) for word in words]
    best = max((float(_said(words, reason) @ sizes) / sum(sizes) for reason in reasons), default=0.0)
    if best < 0.5:
        weight = round(min(1.0, 2 * (1 - best) - 0.2), 3)
        yield Finding("cause", weight, f"来源没有说原因是“{cause.strip(',。;')}”")


def _told(effect: Sequence[str], source: Sequence[SourceClause]) -> list[int]:
    """The sentence that tells most of the effect, then the others near it or with a word like one of it.

    Empty where none tells half of it.
    """
    texts = ["".join(c.text for c in source if c.sentence == n) for n in range(source[-1].sentence + 1)]
    near = [nearness(effect, text) for text in texts]
    sizes = np.array([len(word) for word in effect], np.float32)
    best = max(range(len(texts)), key=lambda n: float(near[n] @ sizes))
    if float(near[best] @ sizes) < 0.5 * float(sizes.sum()):
        return []
    others = [n for n in range(len(texts)) if n != best and (abs(n - best) <= 1 or near[n].max() >= 0.6)]
    return [best, *others]


def _said(words: Sequence[str], text: str) -> FloatArray:
    """How far each word is said: by near words or by its own characters (缺钱 for 缺乏资金)."""
    letters = [sum(char in text for char in word) / len(word) for word in words]
    return np.maximum(nearness(words, text), np.array(letters, np.float32))


def _reasons(source: Sequence[SourceClause], sentence: int) -> Iterator[str]:
    """The stretches of a sentence that give a reason, without the reasons that it denies."""
    own = [clause.text for clause in source if clause.sentence == sentence]
    text = _DENIED.sub("", "".join(own))
    if text != "".join(own):
        yield text
        return
    for i, clause in enumerate(own):
        if _REASON.search(clause):
            yield "".join(own[i : i + 2]) if len(content_words(clause)) < 3 else clause
        if _RESULT.search(clause):
            yield "".join(own[max(0, i - 2) : i + 1])
