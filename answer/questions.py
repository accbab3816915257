"""What a question asks for: kinds of answer, its parts, its facts, and the units it is matched by."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from answer.facts import Fact, facts
from answer.names import places
from answer.sentences import normalise
from answer.source import units_of
from answer.synonyms import folded
from index.query import parse_query
from index.references import full_years
from index.thesaurus import bundled
from index.tokens import STOP_WORDS, jieba_words, without_question_words

_ASKS = re.compile(
    r"什么|哪|谁|何时|何地|何人|何处|为何|如何|怎么|怎样|多少|几[个名次项届份种位家月号年]|是否|有没有|是不是|能否|可否|吗|呢|多久|多大|吗$|列出|列举|比较|说明|介绍"
)
_KIND_WORDS: tuple[tuple[str, str], ...] = (
    ("url", r"网址|链接|(?:哪一?[个些]|什么)(?:网站|网页)|(?:网站|网页)(?:是|为|在)|"
     r"(?:哪里|哪儿|何处|什么地方)(?:可以|能|可)?(?:查|看|下载|找)|"
     r"(?<![a-z])url(?![a-z])"),
    ("when", r"什么时候|何时|哪[一几两些]?[年天日月]|几月|几号|什么时间|何年|哪些?日期|日期|哪段时间|期限|"
     r"截至(?:何时|哪)|起止|时间是"),
    ("where", r"哪里|哪儿|何地|何处|在哪(?!些|个|一)|什么地方|哪个城市|哪座城市|地点"),
    ("how_many", r"多少|(?<![哪这那])几[个名次项份届种家位场国所条册起人]|数量|总数|百分之几|比例|人数|规模"),
    ("who", r"谁|姓名|叫什么名字|哪一?位|何人|哪一?个(?:国家|机构|组织|部门|单位|办公室)|哪国|由哪"),
    ("why", r"为什么|为何|为啥|何以|什么原因|原因|理由|目的|旨在|意图"),
    ("resolution", r"哪一?[项个份号][^,，。？?]{0,8}?(?:决议|决定)|第几号(?:决议|决定)|决议编号|什么决议|"
     r"哪些决议"),
    ("symbol", r"文号|哪一?[份个][^,，。？?]{0,6}?(?:文件|报告)|(?:文件|说明|报告).{0,8}编号|编号(?:是|为|"
     r"各)?(?:多少|什么|哪)|哪个编号|文件编号|symbol|document number"),
    ("article", r"哪一?[条款章]|第几[条款章]|哪些条款|什么条款"),
    ("session", r"第几[次届]|哪一?[次届](?:会议|届会)?"),
    (
        "list",
        r"哪些(?![年天日月])|哪几(?![年天日月])|有什么|包括什么|列出|列举|几类|分别|哪[三四五六七八九十两]",
    ),
    ("title", r"题为什么|题目|标题|名称是|叫什么|什么名称|主题是什么|题为何"),
    ("yes_no", r"是否|是不是|有没有|有无|能否|可否|吗$"),
    ("how", r"如何|怎么|怎样|方式|途径|通过什么"),
    ("compare", r"比较|对比|区别|不同之?处|异同|有何不同|有什么不同|相比|变化|差异"),
)  # fmt: skip
_KIND_PATTERNS = [(kind, re.compile(pattern)) for kind, pattern in _KIND_WORDS]
_POLITE = re.compile(
    r"请问|请告诉我|告诉我|我想知道|我想了解|想问一下|想请教|麻烦|谢谢|请(?=列出|列举|说明|介绍|比较|简述|概述|总结)|根据(?:这些|上述)?文件|按照文件|文件里|文件中|报告里|报告中|文件上"
)


@dataclass(frozen=True, slots=True)
class Part:
    """One thing asked: its text and the kinds of answer that fit."""

    text: str
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """A question read.

    ``units`` are what it is matched by (folded character pairs, synonyms, Latin words), question words
    left out; ``facts`` are dates, sessions, numbers, names and references it states itself; ``context`` are
    units that a conversation adds, which count for less.
    """

    text: str
    normal: str
    lang: str
    kinds: tuple[str, ...]
    parts: tuple[Part, ...]
    facts: tuple[Fact, ...]
    units: tuple[str, ...]
    context: tuple[str, ...] = ()


_SEVERAL = re.compile(r"(?<![有共了是到自])几个(?=.*(?:什么|哪|谁|怎么|如何|为何))")


def _kinds(text: str) -> tuple[str, ...]:
    found = [kind for kind, pattern in _KIND_PATTERNS if pattern.search(text)]
    return tuple(found) or ("what",)


def content_units(text: str) -> tuple[str, ...]:
    """The units of a question's content, each once, in order."""
    bare = without_question_words(_POLITE.sub(" ", text))
    found: list[str] = []
    for piece in bare.split():
        found.extend(units_of(folded(normalise(piece).text)[0]))
    return tuple(dict.fromkeys(found))


def topic(question: str) -> str:
    """A question without its question words: what it is about.

    Copulas left over at the seams go too, and pieces that name nothing (通过的) where another piece does.
    """
    if not _CHINESE.search(question):
        return " ".join(w for w in _LATIN.findall(question) if w.lower() not in STOP_WORDS)
    pieces = [
        _SEAM.sub("", piece) for piece in re.split(r"[\s，,：:?？。]+", without_question_words(question))
    ]
    pieces = [piece for piece in pieces if len(piece) > 1]
    telling = [
        p for p in pieces if any(flag.startswith((*_NOMINAL, "m")) for _, flag in tagged(p)) or subjects(p)
    ]
    return "".join(telling or pieces)


_CHINESE, _LATIN = re.compile(r"[\u3400-\u9fff]"), re.compile(r"[A-Za-z0-9][\w.'/-]*")
_SEAM = re.compile(
    r"^(?:[是的指叫了]|那么|那(?![些个次里])|请|比较)+|(?:[的了是由在为有叫指]|应当以|应当|应该|可以)+$"
)


# Words that belong to whatever is talked about, so that alone they do not say what that is.
_RELATIONAL = frozenset(
    """
    多长 时候 时间 日期 年份 地点 地方 名称 名字 标题 题目 主题 网址 总部 语文 语言 期限 时限 期间 任期
    人数 数量 总数 数字 比例 规模 费用 经费 预算 金额 上限 下限 范围 内容 要求 规定 条件 标准 原则 目的
    宗旨 目标 任务 职责 职能 作用 功能 意义 意思 含义 定义 原因 理由 根据 依据 结果 结论 效果 影响 后果
    好处 优点 缺点 困难 挑战 问题 例外 例子 区别 不同 差别 异同 变化 进展 情况 情形 方面 方式 方法 办法
    做法 步骤 措施 行动 活动 计划 建议 意见 看法 观点 主席 报告员 主持人 主讲人 发言者 发言人 代表
    代表团 成员 名单 与会者 参加者 人员 专家 秘书处 工作组 会议 届会 会上 缔约国 缔约国会议 会员国 国家
    各国 政府 机构 组织 机关 主管机关 部门 单位 城市 文件 报告 决议 决定 文号 编号 文本 版本 条款 条文
    段落 部分 章节 项目 议题 议程 专题 案例 种类 类型 形式 程序 机制 制度 材料 资料 信息 事情 事项 东西
    关系 重点 要点 特点 背景 起源 全文 原文 出处 细节 具体 详细 同样 一步 步 点 项 种 类 条 款 段 句 次
    届 人 年 月 日 天 国 字 话 家 方 者 成立 设立 建立 通过 举行 召开 召集 主持 生效 开始 结束 启动 负责
    参加 出席 发表 发布 公布 公开 提出 提到 提交 包括 包含 涉及 组成 承担 设 设在 位于 载于 属于 来自 来
    去 做 说 讲 指 叫 有 是 为 在 由 能 会 应 可 可以 应当 应该 必须 需要 请 展开 解释 介绍 说明 比较
    列出 举例 总结 概括 加入 签署 批准 执行 实施 使用 怎么样 处理 协助 帮助 支持 援助 加强 促进 推动
    合作 协调 评价 评估 监督 审查 培训 解决 改进 后续 选 选出 产生 得到 成为 进行 开 算 起 看 知道 了解
    继续 补充 强调 认为 讨论 审议 增加 减少 分 共 一共
    """.split()  # noqa: SIM905
)
_RELATIONAL_EN = frozenset(
    """
    also more other else next then ok okay adopted adopt held hold established establish created create
    launched launch chaired chair chairs chairman members member many secretariat rapporteur president
    meeting session sessions date dates place location year article paragraph resolution document report
    based located say says said mean means require requires happen happened happens start started end
    ended enter entered force signed join explain elaborate tell give example examples reason details
    detail point second first third one ones long take took can could would should will may must shall
    if so but let let's describe list name main
    """.split()  # noqa: SIM905
)


def subjects(text: str) -> tuple[str, ...]:
    """Words that name a thing of their own, in order: nouns and thesaurus names but no relational words."""
    return tuple(word for word, weight in naming(text) if weight >= 1)


@lru_cache(maxsize=4096)
def naming(text: str) -> tuple[tuple[str, float], ...]:
    """The words of a text with how far each says what is talked about.

    2 for a proper name, a thesaurus name of three characters or more, or a compound; 1 for another noun or
    a verb with a meaning of its own; 0.5 for a word that belongs to whatever is talked about (任期, 通过).
    """
    if not _CHINESE.search(text):
        known = STOP_WORDS | _RELATIONAL_EN
        return tuple((w, 2.0) for w in _LATIN.findall(text) if w.lower() not in known and len(w) > 1)
    plain = normalise(text).text
    concepts = bundled().concepts
    names = {
        name
        for name, concept, trust in bundled().matches(plain)
        if trust >= 0.8
        and name not in _RELATIONAL
        and ((len(name) > 2 and concepts[concept].kind != "other") or concepts[concept].kind in _STRONG)
    }
    found = {name: 2.0 for name in names if not _QUESTION_WORD.search(name)}
    for run in _runs(tagged(plain)):
        joined = "".join(word for word, _ in run)
        weights = {word: _weight(word, flag) for word, flag in run}
        if len(run) > 1 and len(joined) >= 4 and max(weights.values()) >= 1:
            weights = {joined: 2.0}
        found.update((w, max(v, found.get(w, 0.0))) for w, v in weights.items() if v)
    found = {w: v for w, v in found.items() if not any(w != other and w in other for other in found)}
    return tuple(sorted(found.items(), key=lambda pair: plain.find(pair[0])))


_NOMINAL = ("n", "vn", "an", "eng", "j", "i", "l")
_PROPER = ("ns", "nr", "nt", "nz", "eng")
_STRONG = frozenset({"crime", "body", "instrument", "institution", "meeting", "country", "region"})
_QUESTION_WORD = re.compile(r"[什哪几谁怎何]|多[少久大长]")


def _weight(word: str, flag: str) -> float:
    if len(word) < 2 or word in STOP_WORDS or word.isdigit() or _QUESTION_WORD.search(word):
        return 0.0
    if flag[0] not in "nvaijl" and flag != "eng":
        return 0.0
    if word in _RELATIONAL or flag[0] == "a":
        return 0.0 if word == "时候" else 0.5
    if word not in jieba_words().FREQ and flag[0] in "va":
        return 0.0  # a verb put together on the spot: 印出来
    if word == "公约":
        return 2.0  # the Convention the documents are about
    return 2.0 if flag.startswith(_PROPER) and len(word) > 1 else 1.0


def tells(word: str, flag: str) -> bool:
    """Whether a tagged word says by itself what is talked about."""
    return _weight(word, flag) >= 1


def stands_alone(word: str) -> bool:
    """Whether jieba's dictionary has the word: what it puts together on the spot may be a wrong cut."""
    return bool(jieba_words().FREQ.get(word))


def _runs(words: Sequence[tuple[str, str]]) -> Iterable[list[tuple[str, str]]]:
    """Nouns that stand side by side as one run, every other word as a run of its own."""
    run: list[tuple[str, str]] = []
    for word, flag in words:
        if flag.startswith(_NOMINAL) and _weight(word, flag):
            run.append((word, flag))
            continue
        if run:
            yield run
        run = []
        yield [(word, flag)]
    if run:
        yield run


@lru_cache(maxsize=4096)
def tagged(text: str) -> tuple[tuple[str, str], ...]:
    """The words of a Chinese text with jieba's part of speech (``n``, ``v``, ``ns`` …)."""
    return tuple((pair.word, pair.flag) for pair in _tagger().cut(text))


@lru_cache(maxsize=1)
def _tagger() -> Any:
    from jieba.posseg import POSTokenizer

    return POSTokenizer(jieba_words())


def _parts(text: str) -> Iterable[Part]:
    """The pieces that ask something; a piece that asks nothing gives its words to the next."""
    text = _SEVERAL.sub("若干", text)  # 邻近几个国家商量着互通什么: several, not how many
    pieces = re.split(r"[?？!。;；]|[,，](?=[^,，]*(?:什么|哪|谁|何时|何地|多少|几|如何|怎|是否|为何))", text)
    pending = ""
    for piece in pieces:
        piece = piece.strip(" ,，")
        if not piece:
            continue
        if not _ASKS.search(piece):
            pending = f"{pending}{piece}，"
            continue
        yield Part(pending + piece, _kinds(piece))
        pending = ""
    if pending:
        yield Part(pending.strip("，"), _kinds(pending))


@lru_cache(maxsize=1024)
def read_question(text: str, context: str = "") -> Question:
    """Read a question; never fails. Facts and units are in the normal form of ``answer.sentences``.

    ``context`` is what a conversation has been about.
    """
    asked = parse_query(text)
    normal = full_years(normalise(_POLITE.sub("", text).replace("啥", "什么")).text)
    parts = tuple(_parts(normal))[:4] or (Part(normal, ("what",)),)
    kinds = tuple(dict.fromkeys(kind for part in parts for kind in part.kinds))
    if asked.language == "en":
        kinds = (asked.answer_kind,)
        parts = (Part(normal, kinds),)
    stated = _stated(normal) if asked.language == "zh" else english_facts(text, asked.years)
    return Question(
        text, normal, asked.language, kinds, parts, stated, content_units(normal), content_units(context)
    )


def _stated(normal: str) -> tuple[Fact, ...]:
    """The facts a question states; the 一月 of 哪一月 is none."""
    return tuple(f for f in facts(normal) if not normal[: f.start].endswith(("哪", "几")))


def english_facts(text: str, years: Sequence[int]) -> tuple[Fact, ...]:
    """The years and the states that an English question names, as facts a Chinese text can confirm."""
    from index.normalise import fold
    from index.thesaurus import bundled

    thesaurus = bundled()
    found = [Fact("date", (year, None, None, None, None, None), 0, 0, str(year)) for year in years]
    for name, concept_id, trust in thesaurus.matches(fold(text)):
        concept = thesaurus.concepts[concept_id]
        if concept.kind == "country" and trust >= 0.8:
            chinese = normalise(concept.pref_zh).text
            found.append(Fact("state", (places().get(chinese, concept.pref_zh),), 0, 0, name))
    return tuple(found)


_COMPARES = re.compile(
    r"分别|各自|各(?![国级方地界种类项个位式州省区机部阶行学大党条组])|比较|对比|相比|不同|区别|哪[个次届份](?:更|多|少|早|晚|大|高|国家多)|谁[更多]|差多少|异同|和.{1,12}相比|有[何没]?有?什?么?变化|怎么变的?|变没变|变了没有?|有没有变"
)
_JOINER = r"(?:、|和|与|跟|同|及|以及|,)"


@dataclass(frozen=True, slots=True)
class Variant:
    """One of several things a question compares, and the question about it alone."""

    label: str
    text: str


@lru_cache(maxsize=1024)
def variants(text: str) -> tuple[Variant, ...]:
    """The single questions in one that asks the same of several years, sessions or things; else ()."""
    normal = normalise(_POLITE.sub("", text)).text
    if not _COMPARES.search(normal):
        return ()
    groups = list(_fact_groups(normal)) or list(_word_groups(normal))
    for start, end, labels in groups:
        if 2 <= len(labels) <= 6:
            rest = _COMPARES.sub("", normal[end:])
            return tuple(Variant(label, f"{normal[:start]}{label}{rest}") for label in labels)
    return ()


def _fact_groups(normal: str) -> Iterable[tuple[int, int, list[str]]]:
    """Runs of facts of one kind joined by 和 or 、: 第七届和第十届, 2012年和2017年."""
    run: list[Fact] = []
    for fact in (*facts(normal), None):
        joined = fact is not None and run and fact.kind == run[-1].kind
        between = normal[run[-1].end : fact.start] if fact is not None and run else ""
        if joined and re.fullmatch(rf"[年会议次届]{{0,3}}{_JOINER}", between):
            run.append(fact)  # type: ignore[arg-type]
            continue
        if len(run) > 1:
            yield run[0].start, run[-1].end, _labels(run)
        run = (
            [fact]
            if fact is not None and fact.kind in ("date", "session", "state", "resolution", "symbol", "body")
            else []
        )


def _labels(run: Sequence[Fact]) -> list[str]:
    """The members of a run, each complete: 第七 of 第七和第八次 gets its 次."""
    labels = []
    for fact in run:
        text = fact.text
        if fact.kind == "session" and not text.endswith(str(fact.value[1])):
            text = f"{text}{fact.value[1]}"
        if fact.kind == "date" and text.isdigit():
            text = f"{text}年"
        labels.append(text)
    return labels


_PAIR = re.compile(
    rf"(?P<a>[\u4e00-\u9fff]{{2,8}}){_JOINER}(?P<b>[\u4e00-\u9fff]{{2,8}}?)(?=在|的|做|这?两|各|分别|有什么|有何|有哪|哪|相比|是)"
)


def _word_groups(normal: str) -> Iterable[tuple[int, int, list[str]]]:
    """Two words of one length joined by 和: 小学和中学."""
    match = _PAIR.search(normal)
    if match is not None:
        size = min(len(match["a"]), len(match["b"]))
        start = match.end("a") - size
        yield start, match.end("b"), [match["a"][-size:], match["b"]]
