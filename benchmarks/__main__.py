"""All benchmarks, one after the other, as tables: ``make bench`` (some minutes on two cores).

python -m benchmarks                     # all
python -m benchmarks startup search      # some of: startup ingest search load
"""

from __future__ import annotations

import importlib
import platform
import sys
from collections.abc import Sequence

NAMES = ("startup", "ingest", "search", "load")


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0, 1 when a benchmark failed, 2 for unknown names."""
    names = list(sys.argv[1:] if arguments is None else arguments) or list(NAMES)
    if {"-h", "--help"} & set(names):
        print(__doc__)
        return 0
    unknown = [name for name in names if name not in NAMES]
    if unknown:
        print(f"python -m benchmarks: no {unknown[0]}; choose from {' '.join(NAMES)}", file=sys.stderr)
        return 2
    print(f"{platform.platform()}, Python {platform.python_version()}")
    worst = 0
    for name in names:
        print(f"\n== {name}", flush=True)
        worst = max(worst, importlib.import_module(f"benchmarks.{name}").main([]))
    return worst


if __name__ == "__main__":
    sys.exit(main())
