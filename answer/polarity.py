"""Negations that say what the source says without one: not yet, still to come; not without, only with."""

from __future__ import annotations

import re

_WITHOUT = re.compile(
    r"(?:(?:如果|若|假如)?(?:没有|没|未经|未获|未得|未取得|无|不经|不)|除非)[^;。]{1,24}?[,]?"
    r"(?:就?不(?:能|得|可|会|予|准|许|被|应|再)|就?无法|[也就]不|就?没有?|不[^,;。]{1,12}$)"
)
_ONLY_WITH = re.compile(
    r"只有|须|必须|方[可能得]|才(?!能力|干)|经[^,;。]{1,12}?(?:许可|批准|同意|授权|下令)|以[^,;。]{2,20}为(?:条件|前提)|"
    r"条件|前提|视[^,;。]+而定|除非|凭|[不未没][^;。]*?(?:不|未|没)"
)
_NOT_YET = re.compile(r"(?:[还尚仍至今迄][还尚未]*)(?:没有?|未|不)|尚未")
_TO_COME = re.compile(
    r"将(?=[^,;。])|预计|计划|打算|拟(?![议订定])|正在|尚待|有待|待审|仍在|还在|仍然在|尚在|即将|不久|尚须|须经|迄今[只仅]"
)
_NO_MORE = re.compile(r"不再|停止|取消|放弃|终止|中止|废除|没有再|不继续")
_CEASED = re.compile(r"撤回|撤销|放弃|停止|终止|取消|中止|废除|没有(?:沿用|延续|继续)|不再|解除|改[为由]")
_AGAINST = re.compile(r"不(?:赞成|同意|支持|认可|接受|满|愿|主张|想|让|能接受)|不以为然")
_OPPOSED = re.compile(
    r"反对|批评|异议|保留意见|持保留|拒绝|质疑|要求不|要求保密|不(?:同意|赞成|愿|接受|认可)|否认"
)
_NEVER = re.compile(r"从未|从来没|(?:以前|此前|先前|过去|之前)[^,;。]{0,4}(?:没有?|未|不)|不曾|未曾")
_FIRST = re.compile(r"首[次部个批届例]|第一[次部个批]|最早|前所未有")
_NOT_PASSED = re.compile(r"(?:没有?|未)[^,;。]{0,6}?(?:通过|采纳|接受|批准|成功|同意)")
_REFUSED = re.compile(r"否决|驳回|拒绝|撤回|搁置|[未不][^,;。]{0,4}(?:通过|采纳|接受|批准|同意)")
_NOBODY, _NO_ONE = re.compile(r"没有(?!被|得)[^,;。]{1,10}"), re.compile(r"无人|没有人|无一|没有一|没有任何")
_NOT_ALL = re.compile(r"(?:没有?|未|不)[^,;。]{0,6}?(?:全|所有|都|完全)|不[^,;。]{1,8},(?:只|仅)")
_ONLY = re.compile(r"只(?![要])|仅")
_THAN, _RATHER = re.compile(r"比[^,;。]{2,}"), re.compile(r"而不是|而非|不是[^;。]*而是")
_LITTLE = re.compile(r"难以|不易|很难|不利于|妨碍|阻碍|困难|无法|不能")

_SAME = (
    (_WITHOUT, _ONLY_WITH),
    (_NOT_YET, _TO_COME),
    (_NO_MORE, _CEASED),
    (_AGAINST, _OPPOSED),
    (_NEVER, _FIRST),
    (_NOT_PASSED, _REFUSED),
    (_NOBODY, _NO_ONE),
    (_NOT_ALL, _ONLY),
    (_THAN, _RATHER),
    (_LITTLE, _LITTLE),
)


def same_polarity(claim: str, source: str) -> bool:
    """Whether a negation of the claim has its counterpart in the source, worded otherwise.

    没有许可就不能冻结 and 冻结须经许可; 还没有发布 and 将发布; 不再反对 and 撤回反对; 从未立法 and 首部法律.
    """
    return any(ours.search(claim) and theirs.search(source) for ours, theirs in _SAME)


_WAITED = re.compile(
    r"^(?P<lead>[^,;。]{0,6}?)(?:还|尚)?(?:没有?|未)等(?:到|待)?(?P<event>[^,;。]{2,16}?)[,]?就?(?=[^,;。]*就|,)"
)


def restated(claim: str) -> str:
    """没等表决就撤回 as 表决之前撤回: a negation that only tells the order; other claims as they are."""
    match = _WAITED.match(claim)
    if match is None:
        return claim
    rest = claim[match.end() :].lstrip(",").replace("就", "", 1)
    return f"{match['lead']}{match['event']}之前,{rest}"
