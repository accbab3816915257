"""Follow-up questions made standalone without a model, and short replies to what is no question."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from answer.facts import Fact, chinese_number, facts
from answer.questions import naming, subjects, topic
from answer.sentences import normalise
from index.tokens import without_question_words

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


_LEAD = re.compile(
    r"^(?:(?:那么?|还有|另外|具体(?:是|来说)?|详细|接着|然后|所以|好的?|嗯|请|再)[，,：:]?|"
    r"(?:and|so|then|but|ok|okay|what about|how about|also)\b[, ]*)+",
    re.I,
)
"""Openings that may lead on or lead elsewhere: what follows them decides."""
_BACK = re.compile(
    r"前面|上述|前述|刚才|刚刚|上一[个条款项次届点]|^(?:后来|之后|此后|结果|其他|别的|另一)|^(?:第[一二三四五六七八九十]+|最后一?)"
    r"[点步种类个](?!周期)|^里面|^(?:会|文|书)[上中里]|"
    r"\b(?:the former|the latter|the same)\b"
)
"""Words that point at what was said before wherever they stand."""
_NOUN = (
    r"机构|组织|会议|届会|国家|文件|决议|报告|手册|项目|方案|举措|活动|工作组|学院|指南|计划|战略|题目|议题|倡议|公约|机制|"
    r"制度|措施|规定|条款?|款|事|人|班|书"
)
_COUNT = r"一?[个些次届份项位本场家种条款点类段]|两个|几个"
_PRONOUN = re.compile(
    rf"它们?|(?<!其)他们?|她们?|[这那](?:{_COUNT})|[这那上](?:一)?(?:{_NOUN})|[这那]是|(?<!应)该(?:{_NOUN}|[个项次届])|"
    rf"(?<![因彼如从])此(?:{_NOUN}|[类项举种次])|对此|(?<!尤)其(?![他余实次它])|当[时年](?!的?情况)|同年|那时|[这那]里|"
    r"[这那][上下]面|(?<=[在从])里面|[这那]里面|\b(?:it|its|they|them|their|he|she|his|her|there)\b|"
    r"\b(?:this|that|these|those) (?:one|body|bodies|meeting|session|article|resolution|document|year|"
    r"network|group|measure|institution|agency|report|initiative)s?\b|^(?:this|that|these|those)\b",
    re.I,
)
"""Words that point back, within the question where it has named something before them."""
_ALSO = re.compile(r"也(?=[能要可是有会应需算])|(?<!归)(?<!退)还(?=[能要可有会应需])|又")
_DEFINED = re.compile(
    r"什么(?:是|叫)|是什么意思|在?第?[哪几]一?[条款章]|(?:指|指的)是?什么|是指|何谓|定义|^[^，,]{2,8}是什么[?？]?$"
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
        if small_talk(turn.question) is not None:
            continue
        step = _step(turn.question, before, topics)
        before = step.asked
        topics = [*_kept(topics, step), topic(step.asked)][-_CONTEXT_LEVELS:]
    if before and question.strip():
        alone = _step(question.strip(), before, topics)
    return alone


def _kept(topics: Sequence[str], step: Standalone) -> Sequence[str]:
    """The topics that still hold: those of before only where the new question leaned on them."""
    return [about for about in topics if about in step.context]


def _step(question: str, before: str, topics: Sequence[str]) -> Standalone:
    """One follow-up, given the full question before it and the topics that hold."""
    if not before:
        return Standalone(question, False, question)
    told = _relative_time(question, before)
    swapped = _swap(told, before) if _CHINESE.search(told) else None
    if swapped is not None:
        held = "，".join(topics[:-1])  # what the question before leaned on, itself a follow-up
        if swapped.context or not held:
            return swapped
        return Standalone(f"{held}：{swapped.asked}", True, swapped.asked, held)
    if not _depends(question):
        return Standalone(question, False, question)
    context = "，".join(dict.fromkeys(filter(None, topics)))
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


_CHINESE = re.compile(r"[\u3400-\u9fff]")
_FILLER = re.compile(r"那么?|至于|[的又则是有为在了呢，,?？。]|开会|会议|情况")


def _swap(text: str, before: str) -> Standalone | None:
    """``那第十一次呢？`` after a question about the tenth: the question again with the new name in it."""
    match = _AND_YOU.fullmatch(text)
    old = normalise(before).text
    if match is None:
        return _value_swap(text, old)
    new, rest = match["new"].strip("，, "), match["rest"].strip()
    if _ASKING.search(new):
        return None
    replaced = _with_fact(new, old) or _with_parallel(new, old)
    if replaced and rest:
        about = topic(replaced)
        return Standalone(f"{about}：{rest}", True, f"{new}：{rest}", about)
    joined = replaced or f"{new}：{rest or old}"
    return Standalone(joined, True, joined)


def _value_swap(text: str, old: str) -> Standalone | None:
    """``2012年是多少？``: a new name and nothing else but words that the question before had too."""
    folded = normalise(text).text
    rest = folded
    for fact in _named(text):
        rest = rest.replace(fact.text, "")
    if rest == folded:
        return None
    rest = _FILLER.sub(" ", without_question_words(rest))
    replaced = _with_fact(folded, old) if all(word in old for word in rest.split()) else ""
    return Standalone(replaced, True, replaced) if replaced else None


def _with_fact(new: str, old: str) -> str:
    """The old question with its one fact of the kind of a fact of ``new`` replaced by that; "" without."""
    for fact in facts(normalise(new).text):
        same = [f for f in facts(old) if f.kind == fact.kind]
        if len(same) == 1:
            return f"{old[: same[0].start]}{fact.text}{old[same[0].end :]}"
    return ""


def _with_parallel(new: str, old: str) -> str:
    """The old question with ``new`` for its word that ends alike (证人, 举报人), or for its one noun."""
    words = {word for word in (*subjects(old), *_MEMBER.findall(old)) if word in old}
    words = {word for word in words if not any(word in other for other in words - {word})}
    chosen = {word for word in words if word[-1] == new[-1]} or words
    if len(chosen) != 1 or new in chosen:
        return ""
    return old.replace(chosen.pop(), new, 1)


_MEMBER = re.compile(r"[甲乙丙丁戊己庚辛壬癸]国|第[一二三四五六七八九十]+[\u3400-\u9fff]{1,2}")


def _depends(text: str) -> bool:
    """Whether the question leans on what was said before.

    It does where it points back, or where it names nothing of its own: 由谁负责, 任期多长.
    """
    text = re.sub(r"\s+", " ", text).strip()
    bare = _LEAD.sub("", text)
    if _BACK.search(bare):
        return True
    pronoun = _PRONOUN.search(bare)
    if pronoun is not None and not _within(bare[: pronoun.start()]):
        return True
    if _ALSO.search(bare) and not _named_fully(bare):
        return True
    return not _says_topic(bare)


def _within(before: str) -> bool:
    """Whether what stands before a pronoun names, in a clause of its own, what it may point at."""
    clause = re.search(r"^(.*)(?:[，,、;；]|及|\band\b|\bor\b)", before)
    return clause is not None and _says_topic(clause[1])


def _named_fully(text: str) -> bool:
    """Whether a title, an article or another reference is named, or several things are."""
    named = [fact for fact in _references(text) if fact.kind != "state"]
    return "《" in text or bool(named) or sum(weight for _, weight in naming(text)) > 4


def _references(text: str) -> list[Fact]:
    """Names that point into the documents by themselves; the 第三款 of an unnamed article does not."""
    if not _CHINESE.search(text):
        return []
    return [
        fact
        for fact in _named(text)
        if fact.kind != "date" and fact.text not in _ACTORS and not _PARAGRAPH.match(fact.text)
    ]


_PARAGRAPH = re.compile(r"第?[一二三四五六七八九十\d]+[款项段]")
# Actors of every meeting: naming one of them alone does not say what is talked about.
_ACTORS = frozenset(
    {"缔约国", "秘书处", "工作组", "发言者", "会员国", "与会者", "主讲人", "代表团", "缔约国会议"}
)


def _says_topic(text: str) -> bool:
    """Whether a text says itself what it is about: a reference, a title in 《》, a thing.

    A name does, or two words that each mean something; where a meaning or the place of a rule is asked
    for, or something of a year, one word will do.
    """
    if "《" in text or _references(text):
        return True
    said = sum(weight for _, weight in naming(text))
    dated = any(f.kind == "date" and isinstance(f.value[0], int) for f in _named(text))
    return said >= (1 if dated or _DEFINED.search(text) else 2)
