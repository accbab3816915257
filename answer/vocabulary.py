"""The words of a text that say something, where another text says them, and which are foreign to it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from answer.findings import Finding
from answer.names import places as states
from answer.nearness import word_vector
from answer.sentences import Span
from answer.synonyms import folded
from index.tokens import STOP_WORDS, jieba_words

EMPTY = re.compile(
    r"^[的了在和与及或等是为将以对于其而并也还又就从由向到中上下个这那该此之所被把使让有着过各则均都地得里内时后前每另,。;:!?、()\"'《》-]+$"
)

NUMERIC = re.compile(r"^第?[\d.,%零一二三四五六七八九十百千万亿两]+")

_TIME = re.compile(r"期间$|时候$")

LETTERS = frozenset("甲乙丙丁戊己庚辛")  # 甲组织, 乙组织: the only names of one character

_BODIES = frozenset("局处科署厅司院室队站州省县市区镇国党校")


def words_of(text: str) -> Iterator[str]:
    """The words of a text; one that names a body together with its last character (执照局)."""
    held = ""
    for word in jieba_words().cut(text):
        if word in _BODIES and len(held) > 1 and not EMPTY.match(held):
            held += word
            continue
        if held:
            yield held
        held = word
    if held:
        yield held


@lru_cache(maxsize=8192)
def content_words(text: str) -> tuple[Span, ...]:
    """The words of a normal form that name things, acts or qualities, with their offsets."""
    found, at = [], 0
    for word in words_of(text):
        span = Span(word, at, at + len(word))
        at = span.end
        dated = NUMERIC.match(word) and text[at : at + 1] in tuple("年月日")
        if dated or (len(word) == 1 and word not in LETTERS and not NUMERIC.match(word)):
            continue
        if not EMPTY.match(word) and word not in STOP_WORDS and re.match(r"\w", word):
            found.append(span)
    return tuple(found)


@lru_cache(maxsize=65536)
def places(word: str, text: str) -> tuple[tuple[int, int], ...]:
    """Where a text says a word, or a synonym of it."""
    found = tuple((m.start(), m.end()) for m in re.finditer(re.escape(word), text))
    if found:
        return found
    ours, _ = folded(word)
    theirs, offsets = folded(text)
    return tuple((offsets[m.start()], offsets[m.end()]) for m in re.finditer(re.escape(ours), theirs))


def phrases(text: str) -> Iterator[Span]:
    """The naming words of a text, each with the qualifiers just before it: 大企业."""
    at, start = 0, 0
    for word in words_of(text):
        end = at + len(word)
        tag = tags().get(word, "n")[0]
        if (len(word) > 1 or word in LETTERS) and is_name(word):
            yield Span(text[start:end], start, end)
            start = end
        elif EMPTY.match(word) or tag not in "abn" or NUMERIC.match(word):
            start = end
        at = end


@lru_cache(maxsize=1)
def tags() -> Mapping[str, str]:
    from jieba import posseg

    table: Mapping[str, str] = posseg.dt.word_tag_tab
    return table


_BEARERS = frozenset("国人者员方组会部团") | _BODIES  # who can act: 捐助国, 审计员, 监察局


def is_name(word: str) -> bool:
    """Whether a word names somebody or something (a noun, or a word that the dictionary does not know)."""
    tag = "n" if word[-1] in _BEARERS or word in states() else tags().get(word, "n")
    return (tag[0] in "njlf" or tag == "vn") and not NUMERIC.match(word) and not _TIME.search(word)


_RESPECTIVELY = re.compile(r"(?P<who>[^,;。:]+)分别(?P<what>[^,;。:]+)")

_LIST = re.compile(r"[、,]|(?<=.)[和与及](?=.)")


@lru_cache(maxsize=8192)
def distributed(text: str) -> str:
    """甲、乙分别负责丙和丁 written out as 甲负责丙,乙负责丁; the text itself where the lists do not match."""
    match = _RESPECTIVELY.search(text)
    if match is None:
        return text
    names, things = _LIST.split(match["who"]), _LIST.split(match["what"])
    if len(names) != len(things) or len(names) < 2:
        return text
    counted = re.search(r"[两三四五六七八九十\d]+[个名家国项者位类种]?", names[-1])
    noun = names[-1][counted.end() :] if counted else ""
    names[-1] = names[-1][: counted.start()] if counted else names[-1]
    if ordinal := re.match(r"第[一二三四五六七八九十\d]+(.+)", things[-1]):  # 第二、第一和第三工作组
        things = [t + ordinal[1] if re.search(r"第[一二三四五六七八九十\d]+$", t) else t for t in things]
    verb = next(iter(jieba_words().cut(things[0])))
    if tags().get(verb, "n")[0] in "vp":
        things = [things[0], *(thing if thing.startswith(verb) else verb + thing for thing in things[1:])]
    whole = ",".join(f"{name}{noun}{thing}" for name, thing in zip(names, things, strict=True))
    return text[: match.start()] + whole + text[match.end() :]


def compare_vocabulary(claim: str, source: str) -> Iterator[Finding]:
    """Words that stand nowhere in the source and share few characters with any word of it."""
    words = [w.text for w in content_words(claim) if not NUMERIC.match(w.text)]
    words = [word for word in words if tags().get(word, "n")[0] not in "drmqpcuy"]  # 几个, 不再, 自己
    missing = [word for word in words if not places(word, source)]
    if not missing:
        return
    known = tuple({w.text for w in content_words(source)})
    strange = sum(len(word) * (1 - _resemblance(word, known)) for word in missing)
    share = strange / sum(map(len, words))
    if share > 0.1:
        weight = round(min(1.0, (share - 0.1) / 0.3), 3)
        yield Finding("foreign", weight, f"来源没有说到：“{missing[0]}”")


_AKIN = 0.5  # the cosine from which two words count as saying the same


def _resemblance(word: str, others: tuple[str, ...]) -> float:
    """How like a word is to the likest of others, from 0 to 1: by shared characters or by word vectors."""
    if not others:
        return 0.0
    letters = max(len(set(word) & set(o)) / max(len(word), len(o)) for o in others)
    cosine = max(float(word_vector(other) @ word_vector(word)) for other in others)
    return max(letters, min(1.0, cosine / _AKIN))
