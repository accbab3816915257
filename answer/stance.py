"""Words that turn a statement: negation, modality, quantifiers, and who acts or speaks.

Everything works on the normal form of :mod:`answer.sentences`. An operator stands before what it
turns (its head): 不 before 支持, 鼓励 before 缔约国继续, 一些 before 发言者.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

OperatorKind = Literal["negation", "modality", "quantifier", "actor"]


@dataclass(frozen=True, slots=True)
class Operator:
    """One turning word of a text and its class ("must", "all", "秘书处", …)."""

    kind: OperatorKind
    name: str
    start: int
    end: int


_NOT_NEGATION = re.compile(
    r"不限成员|能不能|是不是|有没有|会不会|要不要|可不可[以能]|不到(?=[\d一二两三四五六七八九十百千半])|不(?:超过|少于|低于|高于|多于|晚于|早于)|不光|不单|不只|不止|不断|不同|不仅|不但|不过|不少|不法|不良|不妨|不当|不论|不管|不得不|不可或缺|不限于|不一|不具约束力|不正当|不久|"
    r"非洲|非政府|非营利|非正式|非盟|非物质|非法|非常|非国家|无论|未来|(?<!毫)无腐败|无障碍|是否|能否|可否|未成年|未遂|无线|不足以外"
)
_NEGATION = re.compile(
    r"并不|并未|并非|并没有|并无|从未|从不|尚未|没有|不会|不再|不予|不应|不得|不可|不能|不必|无须|无需|无法|无意|不是|不再|毫无|"
    r"未能|未曾|未予|除非|不足|不够|免予|免于|禁止|拒绝|否认|否决|不|未|无|(?<![东西南北中])非|没(?!收(?!到)|入|落)|勿|反对(?!者|派)|停止|终止|取消|撤销|放弃|缺乏|缺少|避免|防止(?!腐败)"
)
_WEAK_NEGATION = frozenset(
    {
        "缺乏",
        "缺少",
        "除非",
        "不足",
        "不够",
        "免予",
        "免于",
        "避免",
        "停止",
        "终止",
        "取消",
        "撤销",
        "放弃",
        "防止",
        "禁止",
        "拒绝",
        "反对",
        "否认",
        "否决",
    }
)

_MODALITY: tuple[tuple[str, str], ...] = (
    ("soft", r"不妨(?:考虑)?|似宜|似应|或愿|可考虑|似可"),
    ("might", r"(?<!尽)可能(?!性)|或许|也许|或会|大概会"),
    ("must", r"必须|务必|不得不|有义务|一定要|强制(?:性)?要求"),
    ("shall", r"(?<![无必])须(?!知)"),
    ("should", r"应当|应该|理应|(?<![相反响适对供效回感顺照呼答接理因])应(?!对|用|急|邀|答|付|景|聘|收|届|"
     r"变|运|请求|要求|[^提发作,;。]{1,6}(?:请求|邀请))"),
    ("no_need", r"没有必要|无必要|无需|无须|不需要|不必(?!要)"),
    ("need", r"有必要|必要性|需要|(?<![所必急])需(?!求|要)"),
    ("may", r"可以|可(?!能|获得|持续|见|行|靠|信|用|喜|贵|观|疑|卡|问|考虑|否)(?<![许认不尽似]可)|能够|"
     r"有权|得以|(?<![可职功技性智才只不未])能(?!力|源|量|动|见|够|不能)"),
    ("encourage", r"鼓励|勉励"),
    ("urge", r"吁请|呼吁|促请|敦促|力促|恳请"),
    ("request", r"(?<![据出的应该向])请求(?!国|方|的)|邀请|(?<![申提吁促恳邀宴])请(?!求|示|况|愿|教)"),
    ("require", r"(?<![的些项出求回])要求(?![,。;和与的])"),
    ("recommend", r"(?<![和的项出与、种条其到供成些号及])建议(?![,。;的和与、])|(?<=[他她者国组处人])(?:还|"
     r"又)?建议(?=,)|提议"),
    ("decide", r"(?<![的项号本这])决定(?![,。;的和中、])|(?<=[议组处会国他她还])决定(?=,)"),
)  # fmt: skip
_MODAL_PATTERN = [(name, re.compile(pattern)) for name, pattern in _MODALITY]

_QUANTIFIERS: tuple[tuple[str, str], ...] = (
    ("none", r"没有(?:一个|任何)?(?=国家|缔约国|会员国|发言者|与会者|代表|机构|组织)|无一(?!例外)"),
    ("all", r"所有|全部|一切|全体|无一例外|一律|总是|始终|完全|无条件|任何(?!一方)|无论|不论|"
     r"每一?[个名位次项份场笔件]|一致(?=主张|建议|强调|呼吁|赞成|欢迎|反对|认为|同意|支持|决定|通过|要求|"
     r"表示|指出)"),
    ("most", r"绝大多数|大多数|大多|多数|大部分|过半数|半数以上"),
    ("many", r"许多|很多|众多|大量|不少|大批"),
    ("few", r"极少数|少数|个别|很少|极少"),
    ("one", r"(?:有|另)?(?:一|某一?)[位名](?!以上)|一个(?=代表团|缔约国|国家|会员国|组织)"),
    ("any", r"(?<![没只])有(?=发言者|代表|国家|缔约国|与会者|专家)"),
    ("several", r"(?:好|有|另)?几[位名个项次种部]|若干|数[位名个项次](?!据)|多[位名个项次]"),
    ("some", r"有?一些|有些|某些|部分(?!门)|有的"),
    ("first", r"首次|第一次|首个|最早"),
    ("only", r"仅仅|仅|只有(?![^,;。]*才)|唯一|(?<![不])只(?![是要有剩])"),
)  # fmt: skip
_QUANTIFIER_PATTERN = [(name, re.compile(pattern)) for name, pattern in _QUANTIFIERS]

_ACTORS: tuple[tuple[str, str], ...] = (
    ("发言者", r"发言者们?|发言人|发言的人"),
    ("与会者", r"与会者|与会代表"),
    ("主讲人", r"专题主讲人|主讲人|专题小组成员|小组成员|专题讨论小组成员"),
    ("缔约国会议", r"(?:联合国反腐败公约)?缔约国会议(?!主席)|缔约方会议"),
    ("主席团", r"主席团"),
    ("主席", r"主席(?!团|国)|候任主席"),
    ("司长", r"条约事务司司长|司长"),
    ("秘书处", r"秘书处(?:的?代表|的一名代表)?"),
    ("秘书长", r"秘书长"),
    ("审议组", r"实施情况审议组|审议组"),
    ("工作组", r"(?:预防腐败问题)?(?:不限成员名额政府间)?(?:临时)?工作组"),
    ("毒罪办", r"(?:联合国)?毒品[和与]犯罪问题办公室|毒罪办|unodc"),
    ("开发署", r"(?:联合国)?开发计划署|开发署"),
    ("大会", r"(?<![届员表三四五六七八九十织会])大会(?!会议|反腐败特别)"),
    ("缔约国", r"各?缔约国(?!会议)|各缔约方|各国(?!政府)|会员国|成员国|"
     r"(?<![二十等个本多岛有关])国家(?=[应可须必提采制]|、)"),
    ("政府", r"各国政府|政府(?!间|采购|机构|组织|和|部门)"),
    ("捐助方", r"捐助方|捐助界|捐助国"),
    ("民间社会", r"民间社会(?:组织)?"),
    ("私营部门", r"私营部门|私营实体"),
    ("国际组织", r"(?<!府间)国际组织"),
    ("专家", r"专家(?!组|会议|咨询|网络)"),
    ("审计机关", r"最高审计(?:机关|机构)"),
    ("国际奥委会", r"国际奥委会|国际奥林匹克委员会"),
    ("反贪局联合会", r"国际反贪局联合会"),
    ("反腐败学院", r"国际反腐败学院"),
)  # fmt: skip
_ACTOR_PATTERN = [(name, re.compile(pattern)) for name, pattern in _ACTORS]


def _found(kind: OperatorKind, patterns: list[tuple[str, re.Pattern[str]]], text: str) -> list[Operator]:
    taken: list[tuple[int, int]] = []
    operators = []
    for name, pattern in patterns:
        for match in pattern.finditer(text):
            start, end = match.span()
            if any(start < e and s < end for s, e in taken):
                continue
            taken.append((start, end))
            operators.append(Operator(kind, name, start, end))
    return sorted(operators, key=lambda op: op.start)


@lru_cache(maxsize=8192)
def negations(text: str) -> tuple[Operator, ...]:
    """Negating words; words that merely contain one (不断, 非政府) are none. Name: "not" or "weak"."""
    masked = _NOT_NEGATION.sub(lambda m: "＿" * len(m.group()), text)
    return tuple(
        Operator("negation", "weak" if m.group() in _WEAK_NEGATION else "not", *m.span())
        for m in _NEGATION.finditer(masked)
    )


@lru_cache(maxsize=8192)
def modalities(text: str) -> tuple[Operator, ...]:
    """Words of obligation, permission, request and the like, with their class as name."""
    return tuple(_found("modality", _MODAL_PATTERN, text))


@lru_cache(maxsize=8192)
def quantifiers(text: str) -> tuple[Operator, ...]:
    """Words of quantity that are no numbers, with their class as name."""
    return tuple(_found("quantifier", _QUANTIFIER_PATTERN, text))


@lru_cache(maxsize=8192)
def actors(text: str) -> tuple[Operator, ...]:
    """Mentions of those who speak or act in United Nations proceedings, with their class as name."""
    return tuple(_found("actor", _ACTOR_PATTERN, text))


def _distances(table: str) -> dict[frozenset[str], float]:
    return {frozenset(row.split()[:2]): float(row.split()[2]) for row in table.strip().splitlines()}


_MODAL_DISTANCE = _distances("""
    must need 0.6
    must shall 0.3
    should shall 0.3
    need shall 0.4
    should need 0.5
    must should 0.9
    must require 0.4
    should require 0.7
    may might 0.7
    soft recommend 0.8
    request require 0.6
    request urge 0.8
    encourage request 0.9
""")
_QUANTIFIER_DISTANCE = _distances("""
    some several 0.2
    any one 0.0
    any some 0.0
    any several 0.1
    any many 0.3
    any bare 0.1
    any all 0.6
    any most 0.5
    any few 0.3
    any only 0.5
    many most 0.8
    few one 0.6
    some bare 0.3
    several bare 0.4
    many bare 0.6
    most bare 0.9
    all bare 0.9
    one bare 0.8
    few bare 0.9
    only bare 0.6
    first bare 0.9
    none few 0.6
    none bare 0.9
""")
_ACTOR_DISTANCE = _distances("""
    发言者 与会者 0.3
    缔约国 政府 0.4
    主讲人 发言者 0.5
""")


def modal_distance(one: str, other: str) -> float:
    """How different two classes of modality are, from 0 (the same) to 1."""
    return 0.0 if one == other else _MODAL_DISTANCE.get(frozenset((one, other)), 1.0)


def quantifier_distance(one: str, other: str) -> float:
    """How different two quantifiers are, from 0 to 1; "bare" stands for none."""
    return 0.0 if one == other else _QUANTIFIER_DISTANCE.get(frozenset((one, other)), 1.0)


def actor_distance(one: str, other: str) -> float:
    """How different two actors are, from 0 to 1."""
    return 0.0 if one == other else _ACTOR_DISTANCE.get(frozenset((one, other)), 1.0)


ANTONYMS: dict[str, tuple[str, ...]] = {}
_ANTONYM_PAIRS = """
增加/减少 增加/下降 增加/降低 提高/降低 上升/下降 增长/下降 增强/削弱 加强/削弱 扩大/缩小 支持/反对
赞成/反对 接受/拒绝 批准/驳回 批准/否决 充足/不足 充足/有限
充分/有限 丰富/匮乏 广泛/有限 自愿/强制 自愿/强制性 公开/保密 公开/秘密 公开/匿名 实名/匿名 之前/之后
以前/以后 前/后 有效/无效 成功/失败 优势/劣势 优点/缺点 促进/阻碍
促进/妨碍 推动/阻碍 欢迎/遗憾 一致/分歧 集中/分散 集中化/非集中化 长期/短期 短期/长期 最高/最低 最大/最小
首次/末次 直接/间接 国内/国外 国内/国际 硬性/非硬性
发展中国家/发达国家 公共部门/私营部门 预算外/经常预算 预算内/预算外 线上/线下 在线/现场 现场/远程
事前/事后 宽松/严格 简化/复杂化 增至/减至 容易/困难 城市/农村
开始/结束 开幕/闭幕 启动/终止 继续/停止 保留/取消 具有/不具 重要/次要 主要/次要 正式/非正式 完成/未完成
已经/尚未 恶化/改善 肯定/否定 男性/女性 妇女/男子 儿童/成人 优先/次要
上半年/下半年 上旬/下旬 年初/年底 上午/下午 线上/现场 在线/现场 虚拟/现场 开放/保密 开放/封闭 显著/有限
显著/甚微 明显/有限 迅速/缓慢 越来越多/越来越少 较多/较少 较高/较低 更高/更低 按季度/按月 按年/按季度
每月/每季度 每年/每季度 每年/每月 每周/每月 有价值/没有价值 以内/以外 单年期/多年期 大规模/小规模
规模很小/大规模 建议/反对 主张/反对 欢迎/拒绝 年幼/成年 面对面/虚拟 自下而上/自上而下 包容/封闭 更多/更少
多数/少数 高质量/低质量 有助于/不利于 有利于/不利于 肯定/怀疑 乐观/悲观 满意/不满 感谢/批评 赞扬/批评
欢迎/反对 合并/拆分 统一/分别 主动/被动 全面/局部 经验/感知
"""
for _pair in _ANTONYM_PAIRS.split():
    _one, _other = _pair.split("/")
    ANTONYMS[_one] = (*ANTONYMS.get(_one, ()), _other)
    ANTONYMS[_other] = (*ANTONYMS.get(_other, ()), _one)


_CONTRASTS = """
幼儿园 小学 中学 高中 大学 研究生
法官 检察官 律师 警察 记者 教师 议员 医生 军官 海关官员 企业家
全球一级 区域一级 国家一级 地方一级 全球层面 区域层面 国家层面 地方层面
学校 医院 监狱 教堂 工厂
司法机构 立法机构 行政机构 执法机构
总统 总理 议会 国会 最高法院 检察院 内阁 国家元首
采购 医疗 税务 国防 环境 体育 教育
内政部 国防部 外交部 财政部 司法部 卫生部 教育部
公共部门 私营部门
妇女 青年 儿童 老年人 男子
每日 每周 每月 每季度 每年 每两年
起草 通过 废除 修订
撤回 否决
案文 决议草案 议程 报告
起诉权 调查权 审判权
审查 调查 审计
"""
CONTRASTS: tuple[tuple[str, ...], ...] = tuple(
    tuple(line.split()) for line in _CONTRASTS.strip().splitlines()
)
"""Words of one sort: a text that names one of them does not support a claim that names another."""
