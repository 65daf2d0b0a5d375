"""What must not enter the history: private keys and access tokens, files too large for git, conflict marks.

``python -m tests.architecture.guard FILE…`` prints one line for each problem and exits 1 when there is any.
"""

import re
import sys
from collections.abc import Iterable
from pathlib import Path

LARGEST = 2_000_000  # bytes
# A model's adapter that is part of the project.
LARGEST_ADAPTER = 12_000_000
ADAPTERS = "medaction/inference/releases/"
LARGE_BY_DESIGN = ("requirements/", "static/vendor/", "medaction/knowledge/data/")

SECRETS = {
    "private key": r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----",
    "AWS key": r"\bAKIA[0-9A-Z]{16}\b",
    "GitHub token": r"\bgh[pousr]_[A-Za-z0-9]{36,}\b",
    "model provider key": r"\bsk-[A-Za-z0-9_-]{32,}\b",
    "Hugging Face token": r"\bhf_[A-Za-z0-9]{30,}\b",
    "Slack token": r"\bxox[abprs]-[A-Za-z0-9-]{20,}\b",
    "password in an address": r"\b(?:postgres(?:ql)?|rediss?|https?)://[^\s:/@\"'{}$<>]*:(?!password@|secret@)[^\s:/@\"'{}$<>]{3,}@",
}
PATTERN = re.compile("|".join(f"(?P<g{number}>{pattern})" for number, pattern in enumerate(SECRETS.values())))
CONFLICT = re.compile(r"^(?:<{7} |>{7} )", re.MULTILINE)


def problems(path: str, content: bytes) -> list[str]:
    found = []
    limit = LARGEST_ADAPTER if path.startswith(ADAPTERS) and path.endswith(".gguf") else LARGEST
    if len(content) > limit and not path.startswith(LARGE_BY_DESIGN):
        found.append(f"{path}: {len(content):,} bytes; the limit is {limit:,}")
    text = content.decode("utf-8", errors="replace")
    for match in PATTERN.finditer(text):
        kind = list(SECRETS)[int(str(match.lastgroup)[1:])]
        found.append(f"{path}:{text.count(chr(10), 0, match.start()) + 1}: looks like a {kind}")
    if CONFLICT.search(text):
        found.append(f"{path}: conflict mark")
    return found


def main(paths: Iterable[str]) -> int:
    found = [problem for path in paths for problem in problems(path, Path(path).read_bytes())]
    sys.stderr.write("".join(f"{problem}\n" for problem in found))
    return int(bool(found))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
