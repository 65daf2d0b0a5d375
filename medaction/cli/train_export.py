"""`medaction train export`: a finished training for a server."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from medaction.cli.app import print_json
from medaction.cli.train import Cache, Json, ended, load, train
from medaction.knowledge.cache import default_cache


class Product(StrEnum):
    ADAPTER = "adapter"
    MERGED = "merged"


class Quant(StrEnum):
    Q8_0 = "q8_0"
    F16 = "f16"


@train.command()
def export(
    folder: Annotated[Path, typer.Argument(help="What `medaction train sft` or `dpo` wrote.")],
    gguf: Annotated[Product | None, typer.Option(help="For llama.cpp: the adapter alone, or merged.")] = None,
    safetensors: Annotated[
        bool, typer.Option("--safetensors", help="For vLLM and others: merged, a new folder named with --out.")
    ] = False,
    quant: Annotated[Quant, typer.Option(help="How a merged GGUF holds its matrices; an adapter is f16.")] = Quant.Q8_0,
    out: Annotated[
        Path | None, typer.Option(help="Where to. [default: adapter-f16.gguf or merged-QUANT.gguf in FOLDER]")
    ] = None,
    cache: Cache = None,
    as_json: Json = False,
) -> None:
    """Write a finished training as GGUF (adapter or merged) or as merged safetensors."""
    if (gguf is None) == (not safetensors):
        raise typer.BadParameter("give --gguf adapter, --gguf merged or --safetensors")
    if safetensors and out is None:
        raise typer.BadParameter("--safetensors needs --out")
    with ended():
        products: Any = load("export.products")
        places = cache or default_cache()
        if safetensors:
            told = products.export_folder(folder, out, places)
        elif gguf is Product.ADAPTER:
            told = products.export_adapter(folder, out or folder / "adapter-f16.gguf", places)
        else:
            told = products.export_merged(folder, out or folder / f"merged-{quant.value}.gguf", places, quant.value)
    if as_json:
        print_json(told)
    else:
        size = f", {told['bytes'] / 1e6:.1f} MB" if "bytes" in told else ""
        print(f"{told.get('file') or told['folder']} is written{size}")
