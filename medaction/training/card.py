"""The manifest as a page to read (Markdown)."""

from __future__ import annotations

from typing import Any

HEAD = """# MedAction {kind}, {method}, on {base}

For education and research on published or synthetic cases. **Not for patient care.** The cases behind the training
rows are published or synthetic, the selection rests on MedAction's own operationalisation of DTC and RAC, and no
clinician has reviewed what the model says.
"""


def render_card(manifest: dict[str, Any]) -> str:
    settings, base, rows_of = manifest["settings"], manifest["base"], manifest["data"]["rows"]
    rows = [
        ("dataset version", f"`{manifest['dataset']}`"),
        ("prompt wording", f"`{manifest['prompt']}`"),
        ("chat template", f"`{manifest['chat_template']}`"),
        ("base", f"{base['name']} `{base['hash']}`"),
        *([("made from the GGUF file", f"`{base['gguf']}`")] if base["gguf"] else []),
        ("seed", settings["seed"]),
        (
            "rows trained on, held out",
            f"{rows_of['train']:,}, {rows_of['validation']:,}",
        ),
        *_lengths(manifest["data"]),
        ("steps", f"{manifest['steps']:,} of {manifest['steps_planned']:,}"),
        ("training loss", _ends(manifest["loss"])),
        ("held-out loss", _ends(manifest["held_out_loss"])),
        ("the weights are those of", _which(manifest)),
        ("device", f"{manifest['device']}, {manifest['processes']} process(es), {manifest['seconds']:,.0f} s"),
    ]
    return "\n".join(
        [
            HEAD.format(kind=manifest["kind"].upper(), method=settings["method"], base=base["name"]),
            "| | |\n|---|---|",
            *(f"| {name} | {value} |" for name, value in rows),
            "\n## Settings\n\n| | |\n|---|---|",
            *(f"| {name} | {value} |" for name, value in settings.items()),
            "\n## Versions\n\n| | |\n|---|---|",
            *(f"| {name} | {value} |" for name, value in manifest["versions"].items()),
            "\nThe held-out loss is the mean over batches of the validation split, on learned tokens. It says how well "
            "the model imitates, not whether it diagnoses well: that is what `medaction bench` measures.\n",
        ]
    )


def _lengths(data: dict[str, Any]) -> list[tuple[str, str]]:
    if "train" not in data["tokens"]:
        return []
    learned, tokens = data["learned_tokens"]["train"], data["tokens"]["train"]
    return [
        ("tokens, of them learned", f"{tokens:,}, {learned:,}"),
        ("rows left out as too long", f"{data['too_long']['train']:,}"),
    ]


def _ends(told: dict[str, float] | None) -> str:
    return f"{told['first']:.4f} → {told['last']:.4f}, lowest {told['lowest']:.4f}" if told else "not taken"


def _which(manifest: dict[str, Any]) -> str:
    best = manifest["best_checkpoint_step"]
    kept = f"step {best}, the lowest held-out loss" if best is not None else "the last step"
    return kept + (", after it stopped improving" if manifest["stopped_early"] else "")
