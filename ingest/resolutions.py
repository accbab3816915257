"""What resolutions and decisions look like: their headings, the organ that speaks, preambular clauses."""

from __future__ import annotations

import re

# 第10/1号决议, 决定 2/3, 58/4. 联合国反腐败公约: the number alone or with the title behind a delimiter.
_NUMBER = r"第?\s?[\dA-Z][\dA-Z-]*/\d+\s?(?:\([IVX]+\)\s?)?号?"
_KIND = r"(?:决议|决定|決議|決定|宣言)"
DECISION = re.compile(_NUMBER + _KIND + "?")
_DECISION_HEADING = re.compile(
    rf"(?:{_NUMBER}{_KIND}|{_KIND}\s?\d+/\d+)(?:\s*[.．:：]\s*\S.*|\s+\S.*)?|\d+/\d+[.．]\s*\S.*"
)
ORGAN_LINE = re.compile(
    r"[^，。；]{0,30}(?:大会|大會|会议|會議|理事会|理事會|委员会|委員會|缔约国|締約國|缔约方|工作组|工作組)[，,]"
)
_ADVERB = r"(?:又|还|還|并|並|也|再次|再|进一步|進一步|深为|深為|深表|特别|特別|严重|嚴重|深切|赞赏地)*"
_VERB = (
    r"(?:回顾|回顧|铭记|銘記|考虑到|考慮到|认识到|認識到|意识到|意識到|强调|強調|重申|注意到|关切|關切|关注|關注|欢迎|歡迎|赞赏|贊賞"
    r"|满意|滿意|深信|确信|確信|承认|承認|忆及|憶及|感谢|感謝|决心|決心|希望|鉴于|鑒於|确认|確認|念及|遗憾|遺憾|震惊|震驚"
    r"|审议了|審議了|收到了|听取了|聽取了|按照|根据|根據)"
)
_PREAMBULAR = re.compile(_ADVERB + _VERB)
_CERTAIN_LENGTH = 14


def opens_clause(text: str) -> bool:
    """Whether a text begins like a preambular clause (回顾…, 又注意到…)."""
    return _PREAMBULAR.match(text) is not None


def is_clause(text: str) -> bool:
    """Whether a text is a preambular clause: it ends with a comma and is no organ's name (缔约国会议，)."""
    if not text.endswith(("，", ",")) or ORGAN_LINE.fullmatch(text):
        return False
    return opens_clause(text) or len(text) > _CERTAIN_LENGTH


def is_decision_heading(text: str) -> bool:
    """Whether a line is the heading of a resolution or decision; a title about one (…决议执行情况) is not."""
    return _DECISION_HEADING.fullmatch(text) is not None
