"""The house rules that a program can check: imports follow the data, nothing heavy at start."""

from __future__ import annotations

import ast
import resource
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
STAGES = ("ingest", "index", "answer", "eval", "serve")
# Which stages a stage may import: what comes before it in the flow of the data.
ALLOWED = {
    "ingest": {"ingest"},
    "index": {"ingest", "index"},
    "answer": {"ingest", "index", "answer"},
    "eval": {"ingest", "index", "answer", "eval"},
    "serve": {"ingest", "index", "answer", "serve"},
}
HEAVY = {"torch", "sentence_transformers", "transformers", "faiss", "gradio", "langchain", "langchain_core",
         "jieba", "docx", "pypdfium2", "bs4", "fastapi", "pandas", "matplotlib", "scipy", "sklearn"}  # fmt: skip


def imported(path: Path, *, top_level_only: bool = False) -> set[str]:
    """The first names of the modules a file imports; at module level only, or everywhere."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    nodes = ast.iter_child_nodes(tree) if top_level_only else ast.walk(tree)
    names: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    return names


@pytest.mark.parametrize("stage", STAGES)
def test_imports_never_run_backwards(stage: str) -> None:
    for path in (ROOT / stage).rglob("*.py"):
        backwards = imported(path) & set(STAGES) - ALLOWED[stage]
        assert not backwards, f"{path.relative_to(ROOT)} imports {backwards}"


@pytest.mark.parametrize("stage", STAGES)
def test_packages_import_nothing_heavy(stage: str) -> None:
    assert not imported(ROOT / stage / "__init__.py", top_level_only=True) & HEAVY


@pytest.mark.parametrize(
    "command", [["-m", "ingest"], ["-m", "index"], ["-m", "answer"], ["-m", "eval"], ["app.py"]]
)
def test_help_needs_no_heavy_module(command: list[str]) -> None:
    """--help answers fast because nothing heavy is imported; processor time is checked only roughly."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, "-X", "importtime", *command, "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert "usage" in done.stdout
    loaded = {
        line.rsplit("|", 1)[-1].strip().split(".")[0] for line in done.stderr.splitlines() if "|" in line
    }
    assert not loaded & HEAVY
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime - before.ru_utime < 2
