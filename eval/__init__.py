"""ARE THE CITED SOURCES RIGHT? Question sets, measures, statistics, reports, comparison of runs.

Nothing is imported here. ``import eval`` would hide the builtin: write ``from eval.questions import load``.
"""
