"""The gate of continuous integration: no development figure significantly below the recorded baseline."""

from __future__ import annotations

from pathlib import Path

from eval.compare import compare_table
from eval.gate import gate, read_baseline
from eval.run import RunOptions, read_run, run

BASELINE = Path("eval/baselines/samples.json")


def test_the_development_figures_hold(tmp_path, monkeypatch):
    for name in ("ENCODER", "RERANKER", "LLM_MODEL", "LLM_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    questions = Path("eval/sets/samples.jsonl")
    run(RunOptions(questions=questions, documents=(Path("corpus"),), out=tmp_path, splits=("dev",)))
    baseline = read_baseline(BASELINE)
    assert {"date", "commit", "means"} <= set(baseline)
    verdict = gate(read_run(tmp_path), baseline)
    assert verdict.passed, compare_table(verdict.differences)
