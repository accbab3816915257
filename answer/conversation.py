"""Follow-up questions made standalone without a model, and short replies to what is no question."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from answer.facts import Fact, facts
from answer.questions import content_units
from answer.sentences import normalise

SmallTalk = Literal["greeting", "thanks", "goodbye", "abilities", "empty"]


@dataclass(frozen=True, slots=True)
class Turn:
    """An earlier exchange: what was asked (in full, where it was a follow-up) and what was answered."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Standalone:
    """A question that can be understood by itself; ``followed`` says whether the history was used."""

    text: str
    followed: bool


_SMALL_TALK: tuple[tuple[SmallTalk, str], ...] = (
    ("greeting", r"(?:你好|您好|大家好|早上好|下午好|晚上好|嗨|哈喽|hello|hi|hey|good (?:morning|afternoon|evening))(?:啊|呀|吗)?"),
    ("thanks", r"(?:非常|十分|多)?(?:感谢|谢谢|多谢|谢了|辛苦了)(?:你|您|了|啊|您的帮助|你的帮助|帮忙)?|(?:many )?thanks?(?: you)?(?: very much| a lot)?|thx"),
    ("goodbye", r"再见|拜拜|回头见|bye(?: ?bye)?|goodbye"),
    ("abilities", r"你(?:是谁|叫什么(?:名字)?|能(?:做|干)(?:些|点)?什么|会(?:做|干)?(?:些|点)?什么|可以(?:做|干)?(?:些|点)?什么|有什么(?:功能|用|本事)|怎么用)|您(?:是谁|能做(?:些)?什么|有什么功能)|(?:怎么|如何)使用(?:你|这个(?:系统|工具|助手))|帮助|help|what can you do|who are you|how do you work"),
)  # fmt: skip
_SMALL_PATTERNS = [
    (name, re.compile(rf"(?:{pattern})[!！。.~？?，, ]*", re.I)) for name, pattern in _SMALL_TALK
]


def small_talk(question: str) -> SmallTalk | None:
    """Which short reply fits, or None when the text is to be looked up in the documents."""
    text = question.strip()
    if not re.search(r"\w", text):
        return "empty"
    for name, pattern in _SMALL_PATTERNS:
        if pattern.fullmatch(text) or re.fullmatch(
            rf"(?:{_SMALL_PATTERNS[0][1].pattern})+{pattern.pattern}", text, re.I
        ):
            return name
    return None


_ELLIPSIS = re.compile(
    r"^(?:那么?|那|还有|另外|具体(?:是|来说)?|详细|其他|别的|然后|接着|后来|结果|所以|为什么呢|怎么|哪些呢)|^.{1,16}呢[?？]?(?:$|.)"
)
_PRONOUN = re.compile(
    r"它们?的?|(?<!其)他们?的?|她们?的?|(?:这|那|该|此|上述|前述|前面)(?:那|这)?(?:个|些|次|届|份|项|位|本|场|家|种|两个|几个)?(?:机构|组织|会议|届会|国家|文件|决议|报告|手册|项目|方案|举措|活动|工作组|学院|指南|计划|战略|题目|议题|倡议|事|人|班|书)?(?!样|么|里|儿|边)|其中|当时|当年|同年|那时|那次|那里|这里|在里面|那上面|这上面|其(?=[^他中余实次])|对此|此事"
)
_QUESTION_TAIL = re.compile(r"呢[?？。]?$")
_WORDY = re.compile(r"[\u3400-\u9fff]")
_NAMED = frozenset({"session", "resolution", "symbol", "state", "body", "title", "date", "article", "latin"})


def standalone(question: str, history: Sequence[Turn]) -> Standalone:
    """The question with topic, entity and time of the history carried over where it needs them.

    A question that names its own subject is left as it is, so that a change of topic drags nothing along.
    """
    if not history or not question.strip():
        return Standalone(question, False)
    before = _resolved(history)
    text = question.strip()
    swapped = _swap(text, before)
    if swapped is not None:
        return Standalone(swapped, True)
    if not _depends(text):
        return Standalone(question, False)
    context = _context(before, history, text)
    return Standalone(f"{context}：{text}" if context else text, bool(context))


def _resolved(history: Sequence[Turn]) -> str:
    """The last question of the history, itself made standalone."""
    resolved = history[0].question
    for i in range(1, len(history)):
        resolved = standalone_after(history[i].question, resolved, history[: i + 1])
    return resolved


def standalone_after(question: str, before: str, history: Sequence[Turn]) -> str:
    """One step of resolution, with the question before already standing alone."""
    swapped = _swap(question, before)
    if swapped is not None:
        return swapped
    if not _depends(question):
        return question
    return f"{_context(before, history[:-1], question)}：{question}"


def _named(text: str) -> list[Fact]:
    return [fact for fact in facts(normalise(text).text) if fact.kind in _NAMED]


def _swap(text: str, before: str) -> str | None:
    """``那第十一次呢？`` after a question about the tenth: the question again with the new name in it."""
    match = re.fullmatch(
        r"(?:那么?|还有|至于)?[，,]?(?P<new>.{1,20}?)(?:的)?(?:情况)?(?:又)?呢[?？。]?", text
    )
    if match is None:
        return None
    new = match["new"].strip("，, ")
    if re.search(r"后来|然后|结果|其他|别的|为什么|原因|怎么|多少|谁|什么|哪|它|他|她|该|上述|前面", new):
        return None
    old_text = normalise(before).text
    found = facts(normalise(new).text)
    for fact in found:
        same = [f for f in facts(old_text) if f.kind == fact.kind]
        if len(same) == 1:
            replaced = (
                old_text[: same[0].start]
                + normalise(new).text[fact.start : fact.end]
                + old_text[same[0].end :]
            )
            return replaced
    return f"{_topic_word_swap(old_text, new)}"


def _topic_word_swap(before: str, new: str) -> str:
    """The question before with the new thing named first, where no single name can be replaced."""
    return f"{new}：{before}"


def _depends(text: str) -> bool:
    """Whether the question leans on what was said before."""
    named = [f for f in _named(text) if f.kind != "date"]
    pronoun = _PRONOUN.search(text)
    if pronoun and not named:
        return True
    if _ELLIPSIS.search(text):
        return True
    strong_pronoun = re.search(r"它|他|她|前面|上述|其中|那上面|这上面|在里面|对此", text)
    if strong_pronoun:
        return True
    return not named and len(content_units(text)) <= 9


def _context(before: str, history: Sequence[Turn], question: str) -> str:
    """What is carried over: the subject matter of the question before, without its question words."""
    bare = re.sub(r"[?？。]+$", "", before)
    named = [f.text for f in _named(question)]
    return f"关于“{bare}”" if not named or len(bare) < 60 else f"关于“{bare[:60]}”"
