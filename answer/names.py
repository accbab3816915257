"""Names of states and of bodies as they stand in Chinese United Nations documents, with short forms.

Keys are in normal form (lower case, half-width); values name the state or body they stand for.
"""

from __future__ import annotations

from functools import lru_cache

from answer.sentences import normalise

_STATE_NAMES = """
阿富汗 阿尔巴尼亚 阿尔及利亚 安道尔 安哥拉 安提瓜和巴布达 阿根廷 亚美尼亚 澳大利亚=澳洲 奥地利 阿塞拜疆
巴哈马 巴林 孟加拉国 巴巴多斯 白俄罗斯
比利时 伯利兹 贝宁 不丹 多民族玻利维亚国=玻利维亚 波斯尼亚和黑塞哥维那=波黑 博茨瓦纳 巴西
文莱达鲁萨兰国=文莱 保加利亚 布基纳法索 布隆迪
佛得角 柬埔寨 喀麦隆 加拿大 中非共和国 乍得 智利 中国=中华人民共和国 哥伦比亚 科摩罗 刚果民主共和国 刚果
哥斯达黎加 科特迪瓦 克罗地亚 古巴
塞浦路斯 捷克=捷克共和国 朝鲜民主主义人民共和国=朝鲜 丹麦 吉布提 多米尼克 多米尼加共和国=多米尼加 厄瓜多尔
埃及 萨尔瓦多 赤道几内亚 厄立特里亚
爱沙尼亚 斯威士兰=埃斯瓦蒂尼 埃塞俄比亚 斐济 芬兰 法国 加蓬 冈比亚 格鲁吉亚 德国 加纳 希腊 格林纳达
危地马拉 几内亚比绍 几内亚 圭亚那 海地
洪都拉斯 匈牙利 冰岛 印度尼西亚=印尼 印度 伊朗伊斯兰共和国=伊朗 伊拉克 爱尔兰 以色列 意大利 牙买加 日本
约旦 哈萨克斯坦 肯尼亚 基里巴斯 科威特
吉尔吉斯斯坦 老挝人民民主共和国=老挝 拉脱维亚 黎巴嫩 莱索托 利比里亚 利比亚 列支敦士登 立陶宛 卢森堡
马达加斯加 马拉维 马来西亚 马尔代夫 马里
马耳他 马绍尔群岛 毛里塔尼亚 毛里求斯 墨西哥 密克罗尼西亚联邦=密克罗尼西亚 摩纳哥 蒙古 黑山 摩洛哥
莫桑比克 缅甸 纳米比亚 瑙鲁 尼泊尔 荷兰
新西兰 尼加拉瓜 尼日尔 尼日利亚 北马其顿 挪威 阿曼 巴基斯坦 帕劳 巴拿马 巴布亚新几内亚 巴拉圭 秘鲁 菲律宾
波兰 葡萄牙 卡塔尔 大韩民国=韩国
摩尔多瓦共和国=摩尔多瓦 罗马尼亚 俄罗斯联邦=俄罗斯 卢旺达 圣基茨和尼维斯 圣卢西亚 圣文森特和格林纳丁斯
萨摩亚 圣马力诺 圣多美和普林西比
沙特阿拉伯=沙特 塞内加尔 塞尔维亚 塞舌尔 塞拉利昂 新加坡 斯洛伐克 斯洛文尼亚 所罗门群岛 索马里 南非 南苏丹
西班牙 斯里兰卡 苏丹 苏里南 瑞典 瑞士
阿拉伯叙利亚共和国=叙利亚 塔吉克斯坦 泰国 东帝汶 多哥 汤加 特立尼达和多巴哥 突尼斯 土耳其=土耳其共和国
土库曼斯坦 图瓦卢 乌干达 乌克兰
阿拉伯联合酋长国=阿联酋 大不列颠及北爱尔兰联合王国=联合王国=英国 坦桑尼亚联合共和国=坦桑尼亚
美利坚合众国=美国 乌拉圭 乌兹别克斯坦 瓦努阿图
委内瑞拉玻利瓦尔共和国=委内瑞拉 越南 也门 赞比亚 津巴布韦 罗马教廷=教廷 巴勒斯坦国=巴勒斯坦 库克群岛 纽埃
科索沃 香港 澳门
"""

_CITY_NAMES = """
维也纳 纽约 日内瓦 多哈 圣彼得堡 沙姆沙伊赫 亚特兰大 阿布扎比 马拉喀什 巴拿马市 约翰内斯堡 里约热内卢 洛桑
巴黎 伦敦 北京 上海 东京 首尔 新德里 孟买 雅加达 马尼拉 河内 金边 仰光 科伦坡 加德满都 达卡 伊斯兰堡
喀布尔
德黑兰 巴格达 安曼 贝鲁特 开罗 的黎波里 阿尔及尔 拉巴特 阿布贾 拉各斯 阿克拉 阿比让 亚的斯亚贝巴 坎帕拉
基加利 达累斯萨拉姆 卢萨卡 哈拉雷 比勒陀利亚
开普敦 温得和克 哈博罗内 马普托 华盛顿 渥太华 多伦多 墨西哥城 哈瓦那 圣萨尔瓦多 圣何塞 波哥大 利马 基多
拉巴斯 圣地亚哥 布宜诺斯艾利斯 蒙得维的亚 圣保罗
巴西利亚 亚松森 加拉加斯 罗马 柏林 波恩 马德里 里斯本 布鲁塞尔 斯特拉斯堡 海牙 阿姆斯特丹 哥本哈根
斯德哥尔摩 奥斯陆 赫尔辛基 华沙 布拉格 布达佩斯 布加勒斯特
索非亚 贝尔格莱德 萨拉热窝 雅典 安卡拉 伊斯坦布尔 莫斯科 基辅 明斯克 第比利斯 巴库 阿斯塔纳 塔什干 堪培拉
悉尼 惠灵顿 苏瓦 喀山 米兰 地拉那 达喀尔 内罗毕 曼谷
"""

_BODY_NAMES = """
联合国毒品和犯罪问题办公室=毒品和犯罪问题办公室=毒罪办=毒品与犯罪问题办公室=unodc
联合国开发计划署=开发计划署=开发署=undp
预防腐败问题不限成员名额政府间工作组=预防腐败问题工作组=预防工作组
资产追回工作组=资产追回问题工作组=追回资产问题不限成员名额政府间工作组 实施情况审议组=审议组
缔约国会议主席团=主席团 缔约国会议=联合国反腐败公约缔约国会议=缔约方会议 秘书处 秘书长 安全理事会=安理会
经济及社会理事会=经社理事会 人权理事会
国际足球联合会=国际足联 亚洲足球联合会=亚足联 国际红十字会 联合国儿童基金会=儿童基金会 国际移民组织
亚洲开发银行=亚行 国际反贪局联合会=反贪局联合会 国际反腐败学院=反腐败学院
国际刑事警察组织=国际刑警组织=刑警组织 国际奥林匹克委员会=国际奥委会=奥委会
经济合作与发展组织=经合组织 世界银行=世行 国际货币基金组织=基金组织 二十国集团=20国集团=g20
东南亚国家联盟=东盟 欧洲联盟=欧盟 欧洲委员会 非洲联盟=非盟
欧洲联盟委员会=欧盟委员会 亚太经济合作组织=亚太经合组织 欧洲安全与合作组织=欧安组织
南部非洲发展共同体=南共体 世界海关组织 国际电信联盟=国际电联
反腐败国家集团 阿拉伯国家联盟 海湾阿拉伯国家合作委员会=海合会 透明国际 全球议员反腐败组织
联合国全球契约=全球契约 国际律师协会 国际法学家委员会
世界审计组织=最高审计机关国际组织 反腐败公约联合会 英联邦秘书处 北大西洋公约组织=北约 国际体育安全中心
联合国教育、科学及文化组织=教科文组织
维持和平行动部 太平洋区域反腐败项目 最高审计机关 世界卫生组织=世卫组织 金融行动特别工作组 艾格蒙集团
国际协会 巴塞尔治理研究所 马耳他主权教团
人权事务高级专员办事处=人权高专办 马来西亚反腐败委员会 毛里求斯反腐败独立委员会 尼日利亚国家统计局
太平洋青年理事会 联合国系统职员学院
"""


_PLACE_KINDS = frozenset({"country", "region"})
_BODY_KINDS = frozenset({"body", "organ", "institution"})
_BODY_MIN_LENGTH = 3  # shorter ones (大会, 工会) are words of their own elsewhere


def _table(lines: str) -> dict[str, str]:
    names: dict[str, str] = {}
    for group in lines.split():
        canonical, *others = group.split("=")
        for name in (canonical, *others):
            names[normalise(name).text] = canonical
    return names


def _with_thesaurus(names: dict[str, str], kinds: frozenset[str], shortest: int) -> dict[str, str]:
    """The names with those of the bundled thesaurus added; a name already known keeps its owner."""
    from index.thesaurus import bundled

    for concept in bundled().concepts.values():
        if concept.kind not in kinds:
            continue
        variants = [normalise(v).text for v in (concept.pref_zh, *concept.alt_zh, *concept.abbr)]
        owner = next((names[v] for v in variants if v in names), concept.pref_zh)
        for variant in variants:
            if len(variant) >= shortest and any("\u3400" <= c <= "\u9fff" for c in variant):
                names.setdefault(variant, owner)
    return names


@lru_cache(maxsize=1)
def places() -> dict[str, str]:
    """Names of states, regions and meeting places in normal form, each with the place it stands for."""
    return _with_thesaurus(_table(_STATE_NAMES + _CITY_NAMES), _PLACE_KINDS, 2)


@lru_cache(maxsize=1)
def states() -> frozenset[str]:
    """What ``places`` calls the states: neither cities nor regions."""
    return frozenset(_with_thesaurus(_table(_STATE_NAMES), frozenset({"country"}), 2).values())


@lru_cache(maxsize=1)
def bodies() -> dict[str, str]:
    """Names of organs, organisations and programmes in normal form, each with the body it stands for."""
    return _with_thesaurus(_table(_BODY_NAMES), _BODY_KINDS, _BODY_MIN_LENGTH)
