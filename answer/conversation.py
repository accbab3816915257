"""Follow-up questions made standalone without a model, and short replies to what is no question."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from answer.facts import Fact, chinese_number, facts
from answer.questions import content_units, topic
from answer.sentences import normalise
from index.thesaurus import bundled

SmallTalk = Literal["greeting", "thanks", "goodbye", "abilities", "empty"]


@dataclass(frozen=True, slots=True)
class Turn:
    """An earlier exchange: what was asked (in full, where it was a follow-up) and what was answered."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Standalone:
    """A question that can be understood by itself.

    ``asked`` is what the last question itself asks, ``context`` what the history adds ("" where nothing);
    ``followed`` says whether the history was used.
    """

    text: str
    followed: bool = False
    asked: str = ""
    context: str = ""


_SMALL_TALK: tuple[tuple[SmallTalk, str], ...] = (
    ("greeting", r"(?:你好|您好|大家好|早上好|下午好|晚上好|嗨|哈喽|hello|hi|hey|good (?:morning|afternoon|"
     r"evening))(?:啊|呀|吗)?"),
    ("thanks", r"(?:非常|十分|多)?(?:感谢|谢谢|多谢|谢了|辛苦了)(?:你|您|了|啊|您的帮助|你的帮助|帮忙)?|"
     r"(?:many )?thanks?(?: you)?(?: very much| a lot)?|thx"),
    ("goodbye", r"再见|拜拜|回头见|bye(?: ?bye)?|goodbye"),
    ("abilities", r"你(?:是谁|叫什么(?:名字)?|能(?:做|干)(?:些|点)?什么|会(?:做|干)?(?:些|点)?什么|可以(?:做|"
     r"干)?(?:些|点)?什么|有什么(?:功能|用|本事)|怎么用)|您(?:是谁|能做(?:些)?什么|有什么功能)|"
     r"(?:怎么|如何)使用(?:你|这个(?:系统|工具|助手))|帮助|help|what can you do|who are you|"
     r"how do you work"),
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
_NAMED = frozenset({"session", "resolution", "symbol", "state", "body", "title", "date", "article", "latin"})
_AND_YOU = re.compile(
    r"(?:那么?|还有|至于)?[，,]?(?P<new>[^，,。？?]{1,20}?)(?:的)?(?:情况)?(?:又)?呢[?？。]?(?P<rest>.*)"
)
_ASKING = re.compile(
    r"后来|然后|结果|其他|别的|为什么|原因|怎么|多少|谁|什么|哪|何|几|它|他|她|该|上述|前面|另"
)
_CONTEXT_LEVELS = 2


def standalone(question: str, history: Sequence[Turn]) -> Standalone:
    """The question with topic, entity and time of the history carried over where it needs them.

    A question that names its own subject is left as it is, so that a change of topic drags nothing along.
    """
    alone = Standalone(question, False, question)
    topics: list[str] = []
    before = ""
    for turn in history:
        step = _step(turn.question, before, topics)
        before = step.asked
        topics = [*_kept(topics, step), topic(step.asked)][-_CONTEXT_LEVELS:]
    if history and question.strip():
        alone = _step(question.strip(), before, topics)
    return alone


def _kept(topics: Sequence[str], step: Standalone) -> Sequence[str]:
    """The topics that still hold: those of before only where the new question leaned on them."""
    return topics if step.context else ()


def _step(question: str, before: str, topics: Sequence[str]) -> Standalone:
    """One follow-up, given the full question before it and the topics that hold."""
    if not before:
        return Standalone(question, False, question)
    told = _relative_time(question, before)
    swapped = _swap(told, before)
    if swapped is not None:
        return swapped
    if not _depends(question):
        return Standalone(question, False, question)
    context = "，".join(filter(None, topics))
    return Standalone(f"{context}：{told}" if context else told, bool(context), told, context)


def _named(text: str) -> list[Fact]:
    return [fact for fact in facts(normalise(text).text) if fact.kind in _NAMED]


_RELATIVE = re.compile(
    r"(?P<n>[一二两三四五六七八九十]+|\d{1,2})年(?P<way>之?前|以前|之?后|以后)|(?P<last>前一年|上一年|上年)|(?P<next>后一年|次年|第二年|下一年)"
)


def _relative_time(text: str, before: str) -> str:
    """``五年前`` after a question about 2017 read as 2012年."""
    years = [f.value[0] for f in _named(before) if f.kind == "date" and isinstance(f.value[0], int)]
    match = _RELATIVE.search(text)
    if match is None or not years:
        return text
    step = chinese_number(match["n"]) if match["n"] else 1
    earlier = bool(match["last"]) or (match["way"] or "").endswith("前")
    year = int(years[-1]) + (-step if earlier else step)
    return text[: match.start()] + f"{year}年" + text[match.end() :]


_VALUE_ONLY = re.compile(
    r"^(?:那么?|那)?[，,]?(?P<new>.{2,20}?)(?:又|则)?(?:是|有|为)?(?:多少|几个|怎么样|怎样|如何|什么时候|谁|哪里)?[呢?？。]*$"
)


def _swap(text: str, before: str) -> Standalone | None:
    """``那第十一次呢？`` after a question about the tenth: the question again with the new name in it."""
    match = _AND_YOU.fullmatch(text)
    new, rest = (match["new"].strip("，, "), match["rest"].strip()) if match else ("", "")
    if match is None:
        value = _VALUE_ONLY.match(text)
        found = _named(value["new"]) if value else []
        if not found or len(normalise(text).text) - sum(len(f.text) for f in found) > 6:
            return None
        new = value["new"] if value else ""
    if _ASKING.search(new):
        return None
    old = normalise(before).text
    for fact in facts(normalise(new).text):
        same = [f for f in facts(old) if f.kind == fact.kind]
        if len(same) == 1:
            replaced = f"{old[: same[0].start]}{fact.text}{old[same[0].end :]}"
            if rest:
                about = topic(replaced)
                return Standalone(f"{about}：{rest}", True, f"{new}：{rest}", about)
            return Standalone(replaced, True, replaced)
    joined = f"{new}：{rest or old}"
    return Standalone(joined, True, joined)


def _depends(text: str) -> bool:
    """Whether the question leans on what was said before."""
    named = [f for f in _named(text) if f.kind != "date"]
    if re.search(
        r"它|(?<!其)他|她|前面|上述|其中|那上面|这上面|在里面|那里面|对此|那次|那个|那些|那本|那家|该", text
    ):
        return True
    if _PRONOUN.search(text) and not named:
        return True
    if _ELLIPSIS.search(text):
        return True
    return not named and not _names_topic(text) and len(content_units(text)) <= 9


# Actors of every meeting: naming one of them alone does not say what is talked about.
_ACTORS = frozenset(
    {"缔约国", "秘书处", "工作组", "发言者", "会员国", "与会者", "主讲人", "代表团", "缔约国会议"}
)


_THINGS = frozenset({"body", "meeting", "instrument", "article", "crime", "institution", "organ"})


def _names_topic(text: str) -> bool:
    """Whether a short question says itself what it is about: a year, a title in 《》, a body, a treaty."""
    folded = normalise(text).text
    if (
        "《" in text
        or re.match(r"什么(?:是|叫)", text)
        or any(f.kind == "date" and isinstance(f.value[0], int) for f in facts(folded))
    ):
        return True
    thesaurus = bundled()
    return any(
        len(name) >= 3 and name not in _ACTORS and thesaurus.concepts[concept].kind in _THINGS
        for name, concept, _ in thesaurus.matches(folded)
    )
