"""Release manifests: what they hold comes back byte for byte, and what makes no sense is refused by name."""

from __future__ import annotations

import hashlib
import mmap
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from medaction.inference import weights
from medaction.inference.gguf import GGUFError, read_text
from medaction.inference.release import (
    SHIPPED,
    ReleaseManifest,
    ReleaseManifestError,
    find_shipped,
    read_manifest,
)

HASH = "0123456789abcdef" * 4
WHOLE = ReleaseManifest(
    name="medaction-8b",
    base="Qwen/Qwen3-8B",
    label="MedAction 8B",
    base_hash=HASH,
    adapter="adapter",
    adapter_hash=HASH,
    adapter_rank=32,
    chat_template="chat_template.jinja",
    chat_template_hash=HASH,
    prompt_hash=HASH,
    trained_on=HASH,
    max_length=16384,
    tensor_parallel=2,
    structured_outputs="xgrammar",
    card="# Card\n",
)


def document(**changes: Any) -> dict[str, Any]:
    made: dict[str, Any] = orjson.loads(WHOLE.to_json())
    del made["content_hash"]
    return {**made, **changes}


def test_a_manifest_comes_back_from_its_file(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_bytes(WHOLE.to_json())
    assert read_manifest(tmp_path) == read_manifest(tmp_path / "manifest.json") == WHOLE


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": ""}, "name must be"),
        ({"name": "--trust-remote-code"}, "name must be"),
        ({"name": "a b"}, "name must be"),
        ({"base": ""}, "base must name"),
        ({"base": "--load-format=x"}, "base must name"),
        ({"base_hash": HASH.upper()}, "base_hash must be 64"),
        ({"trained_on": "v1"}, "trained_on must be 64"),
        ({"adapter": "/etc"}, "adapter must be a path inside"),
        ({"adapter": "../other"}, "adapter must be a path inside"),
        ({"chat_template": "--x"}, "chat_template must be a path inside"),
        ({"adapter_rank": 0}, "come together"),
        ({"adapter": ""}, "come together"),
        ({"adapter_rank": -4}, "come together"),
        ({"max_length": 10}, "max_length"),
        ({"max_length": 8192.0}, "max_length must be a whole number"),
        ({"max_length": "8192"}, "max_length must be a whole number"),
        ({"max_length": True}, "max_length must be a whole number"),
        ({"tensor_parallel": 0}, "tensor_parallel"),
        ({"prefix_caching": "yes"}, "prefix_caching must be true or false"),
        ({"structured_outputs": "magic"}, "structured_outputs must be one of"),
        ({"trust_remote_code": True}, "unknown keys: trust_remote_code"),
        ({"kind": "medaction.training"}, "kind"),
        ({"version": 2}, "version 1"),
        ({"content_hash": HASH}, "changed afterwards"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ReleaseManifestError, match=said):
        ReleaseManifest.from_json(orjson.dumps(document(**changes)))


@pytest.mark.parametrize("data", [b"", b"[]", b"{", b'{"kind":"medaction.release","version":1}', b"\xff\xfe", b"null"])
def test_what_is_no_manifest_is_refused(data: bytes) -> None:
    with pytest.raises(ReleaseManifestError):
        ReleaseManifest.from_json(data)


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_else(data: bytes) -> None:
    try:
        ReleaseManifest.from_json(data)
    except ReleaseManifestError:
        return


def test_a_missing_manifest_names_its_file(tmp_path: Path) -> None:
    with pytest.raises(ReleaseManifestError, match=r"manifest\.json: No such file"):
        read_manifest(tmp_path)


def test_shipped_manifests_can_be_read_and_are_found_by_name() -> None:
    shipped = [read_manifest(file) for file in SHIPPED.glob("*.json")]
    assert shipped
    assert all(find_shipped(manifest.name) == manifest for manifest in shipped)
    assert find_shipped("no such model") is None


def test_the_demo_models_hashes_are_those_of_its_weights() -> None:
    manifest = find_shipped(weights.MODEL_NAME)
    assert manifest is not None
    path = weights.find_weights()
    assert (manifest.base, manifest.base_hash) == (path.name, weights.WEIGHTS_SHA256)
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ) as data:
        view = memoryview(data)
        template = read_text(view, "tokenizer.chat_template")
        assert read_text(view, "no.such.key") is None
        view.release()
    assert template is not None
    assert hashlib.sha256(template.encode()).hexdigest() == manifest.chat_template_hash


@pytest.mark.parametrize(
    "data", [b"", b"GGUX" + bytes(40), b"GGUF" + bytes(8), b"GGUF" + bytes(12) + b"\x09" + bytes(7)]
)
def test_a_file_that_is_no_gguf_has_no_text(data: bytes) -> None:
    with pytest.raises(GGUFError):
        read_text(memoryview(data), "tokenizer.chat_template")
