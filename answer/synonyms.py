"""Words that say the same in a paraphrase, folded to one form before texts are compared.

The groups here are everyday verbs and nouns of United Nations prose; official names and terms come
from the bundled thesaurus (``index.thesaurus``).
"""

from __future__ import annotations

import re
from functools import lru_cache

from answer.sentences import normalise

_GROUPS = """
举行 召开 举办 召集 主办 开办
指出 表示 认为 称 说 提到 提及 谈到 说到
强调 着重指出 突出强调 着重强调 强调指出 重点提到 着重提到
介绍 讲述 说明 阐述 概述 概要介绍 详细介绍 解释 描述
报告 汇报 通报 告知
编写 撰写 编制 起草 草拟 拟订 拟定 编纂 编拟
制定 制订 订立
设立 成立 建立 组建 创设 创建 设置
参加 出席 参与 与会 列席 参会
协助 帮助 支持 援助 支助 扶助
促进 推动 推进 助推 便利
继续 持续 仍然 依然 一如既往
执行 实施 落实 履行 贯彻
提交 递交 报送 呈交
资料 信息 材料 提交材料 提交的材料 书面材料
目的 宗旨 目标 旨在 意在 为了
讲习班 工作坊 研习班
议题 主题 专题 题目 课题
议程 日程
优先事项 重点 优先重点
开幕 开始 揭幕
通过 采纳 核可 核准
任务授权 任务 授权 职责 职权
职能 功能 作用
重要 关键 至关重要
挑战 困难 难题 难处
经验 心得
良好做法 最佳做法 好做法 良好实践 最佳实践
利益攸关方 利益相关者 利益相关方 相关方 有关各方 攸关方
征集 收集 搜集 汇集
发布 公布 刊载 登载 张贴 刊登
网站 网页 网址
增加 增多 上升 增长 增强 提高 提升 加强 强化 增进
减少 降低 下降
改进 改善 完善 优化
确保 保证 保障
讨论 探讨 研讨 商讨
审议 审查 审核 审视
评价 评估 评定
监测 监督 监控 监察
预防 防止 防范
打击 惩治 反对 对付
培训 训练 受训
学校 校园
采购 购买 政府采购 公共采购
举报 检举 揭发 告发
举报人 检举人 吹哨人
公职人员 公务员 官员 公务人员
资金 经费 款项 财政资源
捐款 捐助 捐赠
预算外资源 预算外资金 预算外捐款
信息和通信技术 信通技术 信息通信技术
人工智能 ai
青年 年轻人 青年人 青少年
妇女 女性
儿童 孩子 小孩
教师 老师
大学 高校 高等院校 高等学校 高等教育机构
中小学 小学和中学 小学和初中
课程 科目
语言 语文 语种 文
版本 文本 版 本
出版 推出 发行 发表 问世 面世
手册 指南 资源指南 指引
合作 协作 协同 携手 联合 共同 一道 合办
伙伴关系 伙伴
机制 机构机制
战略 策略
计划 规划
措施 举措 办法 手段 行动
建议 提议
要求 请求
应 应当 应该
可 可以 能够 能
必须 务必
有必要 需要 需
使用 利用 运用 采用 应用
根据 依据 依照 按照 按 依
包括 包含 涵盖 涉及 囊括 载有
例如 比如 譬如
此外 另外 还 并且 同时 以及
由于 因为 因 鉴于
因此 因而 所以
大约 约 大概
超过 逾 多于 以上
至少 不少于 最少
截至 截止 到
期间 时
首次 第一次 首届
两年 二年
目前 现在 现时 当前 眼下
随后 之后 后来 其后 此后 以后
之前 以前 前
下列 以下 如下
各国 国家 缔约国 缔约方 会员国 成员国
感谢 致谢 谢意
欢迎 欣见
赞赏 赞扬 称赞
收到 接到 得到 获得
答复 回复 回应 答覆
题为 名为 标题为 名称为
关于 有关 涉及 就
独立性 独立
有效性 效力 成效 效果 有效
脆弱性 薄弱环节 弱点
互补 补充
共享 分享 交流 交换
汇编 编排 整理
会外活动 边会
间隙 期间
圆桌会议 圆桌讨论
编程马拉松 黑客松
主管机关 主管机构 主管部门
反腐败机构 反腐机构 反腐败机关 反腐机关
腐败 贪腐 贪污腐败
反腐败 反腐 反贪
廉正 廉洁 诚信 廉政
透明度 透明 公开透明
问责 问责制 责任追究
贿赂 行贿受贿 行贿
洗钱 洗黑钱
追回 收回 返还
司法 审判
法官 审判人员
检察官 检察人员
警察 警务人员 警方
海关 关务
监狱 狱政 惩教
记者 新闻工作者 新闻记者
媒体 传媒 新闻界
公众 市民 公民 百姓 民众
高级别 高层
缺乏 不足 短缺 匮乏 缺少 不够
资金不足 资金短缺 经费不足 资金缺乏
受阻 受到阻碍 阻碍
裁减 削减 撤销 裁撤
负责 主管 牵头
主持 担任主席
地点 地方
先决条件 前提 前提条件
"""
_SKIP = frozenset(
    [
        "文",
        "版",
        "本",
        "因",
        "就",
        "时",
        "前",
        "到",
        "还",
        "按",
        "依",
        "需",
        "称",
        "说",
        "能",
        "可",
        "应",
        "约",
    ]
)
_MARK = 0xE000  # a private-use character stands for one group of synonyms
_TERM_KINDS = frozenset(
    {"concept", "procedure", "crime", "body", "organ", "institution", "document", "country", "region"}
)


def _own_groups() -> list[list[str]]:
    return [[word for word in line.split() if word not in _SKIP] for line in _GROUPS.strip().splitlines()]


def _thesaurus_groups() -> list[list[str]]:
    from index.thesaurus import bundled

    groups = []
    for concept in bundled().concepts.values():
        names = [normalise(name).text for name in (concept.pref_zh, *concept.alt_zh, *concept.abbr)]
        names = [name for name in names if len(name) >= 3 and any("\u3400" <= c <= "\u9fff" for c in name)]
        if concept.kind in _TERM_KINDS and len(names) > 1:
            groups.append(names)
    return groups


@lru_cache(maxsize=1)
def _marks() -> tuple[dict[str, str], re.Pattern[str]]:
    """Every word with the private-use character of its group, and a pattern that finds the longest."""
    marks: dict[str, str] = {}
    for number, group in enumerate([*_own_groups(), *_thesaurus_groups()]):
        mark = next((marks[word] for word in group if word in marks), chr(_MARK + number))
        for word in group:
            marks.setdefault(word, mark)
    longest_first = sorted(marks, key=len, reverse=True)
    return marks, re.compile("|".join(map(re.escape, longest_first)))


@lru_cache(maxsize=16384)
def folded(normal: str) -> tuple[str, tuple[int, ...]]:
    """The normal form with each synonym replaced by the character of its group, and where each stood.

    Returns the folded text and, for each of its characters, the offset in ``normal``; one more entry
    holds the length of ``normal``.
    """
    marks, pattern = _marks()
    kept: list[str] = []
    offsets: list[int] = []
    position = 0
    for match in pattern.finditer(normal):
        kept.extend(normal[position : match.start()])
        offsets.extend(range(position, match.start()))
        kept.append(marks[match.group()])
        offsets.append(match.start())
        position = match.end()
    kept.extend(normal[position:])
    offsets.extend(range(position, len(normal)))
    return "".join(kept), (*offsets, len(normal))


def is_mark(char: str) -> bool:
    """Whether the character stands for a group of synonyms."""
    return "\ue000" <= char <= "\uf8ff"


def same(one: str, other: str) -> bool:
    """Whether two words belong to one group of synonyms."""
    marks, _ = _marks()
    return one == other or (one in marks and marks.get(one) == marks.get(other))
