"""Small commands beside ``python app.py``.

python -m serve mcp     # an MCP server on standard input and output, for desktop assistants
python -m serve key     # make an access key and the hash that goes into API_KEYS or ADMIN_KEYS
"""

from __future__ import annotations

import argparse
import logging
import sys


def main(argv: list[str] | None = None) -> int:
    """Run a command; 2 when it cannot be run as asked."""
    parser = argparse.ArgumentParser(
        prog="python -m serve", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    mcp = commands.add_parser("mcp", help="MCP over standard input and output")
    mcp.add_argument("--docs", default="", metavar="PATH", help="documents to index when there is no index")
    mcp.add_argument("--index", default="", metavar="DIR", help="where the index lies")
    commands.add_parser("key", help="make an access key")
    options = parser.parse_args(argv)
    return print_key() if options.command == "key" else run_mcp(options.docs, options.index)


def print_key() -> int:
    """Print a fresh key, to be handed out once, and its hash, to be configured."""
    from serve.gate import new_key

    key, digest = new_key()
    print(f"key (give it to its user, it is not stored anywhere): {key}")
    print(f"hash (for API_KEYS or ADMIN_KEYS): {digest}")
    return 0


def run_mcp(docs: str, index_dir: str) -> int:
    """Serve MCP on standard input and output; everything else goes to stderr."""
    from serve.settings import SettingsError, serve_settings

    try:
        settings = serve_settings(host="127.0.0.1", docs=docs, index_dir=index_dir)
    except SettingsError as error:
        print("The configuration cannot be used:", *error.problems, sep="\n  - ", file=sys.stderr)
        return 2
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    from serve.mcp_server import mcp_server
    from serve.service import Service, open_or_build

    service = Service(open_or_build(settings.index_dir, settings.docs, default=not docs))
    service.load()
    if not service.ready:
        print(f"The index cannot be loaded: {service.message}", file=sys.stderr)
        return 2
    mcp_server(service, settings.url).run("stdio")
    return 0


if __name__ == "__main__":
    sys.exit(main())
