"""A small corpus made for the index tests: two yearly reports that repeat each other, and an agenda."""

from dataclasses import dataclass

from ingest import Document, Footnote, Paragraph, SubItem


@dataclass(frozen=True)
class SmallCorpus:
    documents: tuple
    paragraphs: tuple


BOILERPLATE = "工作组强调了预防措施的重要性，并请秘书处在可获得预算外资源的前提下继续作为国际观察站开展工作，收集各国的良好做法。"


def document(doc_id, title, **fields):
    return Document(doc_id, fields.get("symbol"), title, fields.get("date"), fields.get("session"), "zh",
                    fields.get("text", title), f"{doc_id}.txt")  # fmt: skip


def paragraph(doc_id, number, text, section=(), **fields):
    return Paragraph(f"{doc_id}#{number}", doc_id, str(number), f"第{number}段", section, text, **fields)


def small_corpus():
    documents = (
        document("r2019", "工作组第十次会议报告", date="2019-09-16", session="第十次会议（2019年）"),
        document("r2021", "工作组第十二次会议报告", date="2021-06-20", session="第十二次会议（2021年）"),
        document("CAC/COSP/2017/4", "第6/6号决议实施情况", symbol="CAC/COSP/2017/4", date="2017"),
    )
    paragraphs = (
        paragraph("r2019", 1, "会议由候任主席甲先生主持。", ("一. 导言",)),
        paragraph("r2019", 2, BOILERPLATE, ("二. 结论",)),
        paragraph("r2019", 3, "各国代表讨论了资产申报制度，四十个国家提交了材料。", ("三. 讨论", "A. 利益冲突")),
        paragraph("r2021", 1, "会议由主席乙女士主持。", ("一. 导言",)),
        paragraph("r2021", 2, BOILERPLATE.replace("强调了", "重申了"), ("二. 结论",)),
        paragraph(
            "r2021", 3, "南部非洲发展共同体（南共体）介绍了采购改革。", ("三. 讨论",),
            footnotes=(Footnote("1", "见国际货币基金组织的研究。", 5),),
        ),
        paragraph("CAC/COSP/2017/4", 1, "依照《公约》第六十三条第七款和第3/2号决议设立工作组。", ("一. 导言",)),
        paragraph(
            "CAC/COSP/2017/4", 2, "工作组的职能是：(a) 积累知识；(b) 交流信息。", ("一. 导言",),
            sub_items=(SubItem("(a)", "积累知识；", 8, 17), SubItem("(b)", "交流信息。", 17, 26)), start=3, end=30,
        ),
        paragraph("CAC/COSP/2017/4", 3, "第2/3号决议涉及资产追回。", ("二. 其他",)),
    )  # fmt: skip
    return SmallCorpus(documents, paragraphs)
