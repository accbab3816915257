"""Start the chat page and the programs' interfaces.

    python app.py                          # http://127.0.0.1:7860, documents of corpus/
    python app.py --docs ~/documents       # one's own documents
    python app.py --port 8000 --no-browser
    python app.py --check                  # look the configuration over and stop

The index is built from the documents when there is none in INDEX_DIR. Everything can be set by
environment or .env too (HOST, PORT, DOCS, INDEX_DIR, API_KEYS …, see docs/serving.md).
"""

from __future__ import annotations

import argparse
import sys


def arguments(argv: list[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="app.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--docs", default="", metavar="PATH", help="documents to index when there is no index (DOCS, corpus)"
    )
    parser.add_argument(
        "--index", default="", metavar="DIR", help="where the index lies (INDEX_DIR, data/index)"
    )
    parser.add_argument("--host", default="", help="address to listen on (HOST, 127.0.0.1)")
    parser.add_argument("--port", default="", help="port to listen on (PORT, 7860)")
    parser.add_argument("--no-browser", action="store_true", help="do not open a browser")
    parser.add_argument("--check", action="store_true", help="check the configuration and stop")
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    """Serve until stopped; 2 when the configuration is wrong."""
    options = arguments(argv)
    from serve.settings import SettingsError, serve_settings

    try:
        settings = serve_settings(options.host, options.port, options.docs, options.index)
    except SettingsError as error:
        print("The configuration cannot be used:", *error.problems, sep="\n  - ", file=sys.stderr)
        return 2
    from serve.run import check, serve

    return check(settings) if options.check else serve(settings, browser=not options.no_browser)


if __name__ == "__main__":
    sys.exit(main())
