"""The guard before each commit, tried on planted secrets and on the repository as it is."""

import pytest

from .guard import LARGEST, problems
from .repository import files, name


@pytest.mark.parametrize(
    "text",
    [
        "-----BEGIN " + "PRIVATE KEY-----",
        "-----BEGIN RSA " + "PRIVATE KEY-----",
        "key = 'AKIA" + "ABCDEFGHIJKLMNOP'",
        "ghp_" + "a1" * 18,
        "sk-" + "a1b2" * 10,
        "hf_" + "aB" * 17,
        "DATABASE_URL=postgresql://app:hunter22" + "@db/medaction",
        "redis://:hunter22" + "@cache:6379/0",
        "<" * 7 + " HEAD\nours\n",
    ],
)
def test_guard_finds(text: str) -> None:
    assert problems("notes.txt", f"one line\n{text}\n".encode())


@pytest.mark.parametrize(
    "text", ["postgresql://user:password@host:5432/name", "redis://:${VALKEY_PASSWORD}@valkey:6379/0", "sk-short"]
)
def test_guard_lets_pass(text: str) -> None:
    assert problems("notes.txt", text.encode()) == []


def test_guard_finds_large_files() -> None:
    assert problems("picture.bin", b"\0" * (LARGEST + 1))
    assert problems("static/vendor/font.bin", b"\0" * (LARGEST + 1)) == []
    adapter = "medaction/inference/releases/tuned.gguf"
    assert problems(adapter, b"\0" * (LARGEST + 1)) == []
    assert problems(adapter, b"\0" * 12_000_001)


def test_the_repository_passes() -> None:
    assert [problem for path in files("*") for problem in problems(name(path), path.read_bytes())] == []
