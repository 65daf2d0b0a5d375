"""`medaction kg`: build, check and ask the knowledge graph."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from time import perf_counter
from typing import Annotated, Any, NoReturn

import orjson
import typer

from medaction.cli.app import app, fail, print_json
from medaction.knowledge import KnowledgeError, KnowledgeGraph, UnknownConceptError, explain
from medaction.knowledge.cache import default_cache, graph_path, open_graph
from medaction.knowledge.check import Report, check_graph, check_inputs
from medaction.knowledge.compiling.assemble import build_graph
from medaction.knowledge.compiling.inputs import hash_inputs
from medaction.knowledge.describe import describe, describe_link
from medaction.knowledge.export import EXPORTS, export_rows
from medaction.knowledge.model import Concept, Grade, Kind, Link
from medaction.knowledge.sources.places import Places, find_places

kg = typer.Typer(help="The knowledge graph of diseases, findings and tests.", no_args_is_help=True)
app.add_typer(kg, name="kg")

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
Cache = Annotated[
    Path | None,
    typer.Option(
        "--cache", envvar="MEDACTION_CACHE", help="Folder of the compiled graph. [default: ~/.cache/medaction]"
    ),
]
Authored = Annotated[Path | None, typer.Option(help="Another authored layer (diseases/, findings/, reach.yaml).")]
Overlay = Annotated[
    Path | None, typer.Option(help="What a site's reviewers decided, as a further layer; counts where the file is.")
]


@kg.command()
def build(
    cache: Cache = None,
    authored: Authored = None,
    overlay: Overlay = None,
    force: Annotated[bool, typer.Option(help="Build even if a current graph is there.")] = False,
    as_json: Json = False,
) -> None:
    """Compile the inputs into one cached file. Nothing is written when an input is wrong."""
    places = _places(authored, overlay)
    started = perf_counter()
    path = graph_path(cache or default_cache(), hash_inputs(places))
    built = force or not path.exists()
    try:
        if built:
            build_graph(places, path, input_hash=hash_inputs(places))
        graph = open_graph(cache, places=places)
    except KnowledgeError as error:
        _refuse(error, as_json=as_json)
    seconds = round(perf_counter() - started, 2)
    counts = graph.meta["counts"]
    if as_json:
        print_json({"hash": graph.hash, "built": built, "seconds": seconds, "bytes": path.stat().st_size, **counts})
        return
    verb = f"built in {seconds} s" if built else "already current"
    sizes = ", ".join(f"{counts[name]:,} {name}" for name in ("diseases", "findings", "tests", "edges"))
    print(f"{verb}: {sizes}, hash {graph.hash[:12]}")


@kg.command()
def check(cache: Cache = None, authored: Authored = None, overlay: Overlay = None, as_json: Json = False) -> None:
    """Check every rule; exit code 1 when one is broken. Warnings do not fail."""
    places = _places(authored, overlay)
    report = check_inputs(places)
    if not report.errors:
        try:
            found = check_graph(open_graph(cache, places=places), places)
        except KnowledgeError as error:
            found = Report(error.problems, ())
        report = Report((*report.errors, *found.errors), (*report.warnings, *found.warnings))
    if as_json:
        print_json({name: [asdict(p) for p in getattr(report, name)] for name in ("errors", "warnings")})
    else:
        for label, problems in (("error", report.errors), ("warning", report.warnings)):
            for problem in problems:
                print(f"{label}: {problem}")
        print(f"{len(report.errors)} errors, {len(report.warnings)} warnings")
    if report.errors:
        raise typer.Exit(1)


@kg.command()
def stats(cache: Cache = None, authored: Authored = None, as_json: Json = False) -> None:
    """Counts, content hash, and each source with its version and licence."""
    graph = _open(cache, authored)
    sources = [asdict(source) for source in graph.sources]
    if as_json:
        print_json({**graph.meta["counts"], "hash": graph.hash, "sources": sources})
        return
    for name, count in graph.meta["counts"].items():
        print(f"{name.replace('_', ' '):22} {count:>9,}")
    print(f"{'hash':22} {graph.hash}")
    for source in sources:
        print(f"\n{source['name']}, {source['version']}\n  {source['licence']} {source['url']}".rstrip())


@kg.command()
def show(
    name: Annotated[str, typer.Argument(help="A concept id, or a name as a clinician writes it.")],
    kind: Annotated[Kind | None, typer.Option(help="Only concepts of this kind.")] = None,
    cache: Cache = None,
    authored: Authored = None,
    as_json: Json = False,
) -> None:
    """What the graph knows of one disease, finding or test."""
    graph = _open(cache, authored)
    concept, link = _resolve(graph, name, kind)
    card = describe(graph, concept)
    if link:
        card["link"] = describe_link(link)
    if as_json:
        print_json(card)
        return
    print(f"{concept.name}  {concept.id}  ({concept.kind})")
    if link and (link.note or link.grade == Grade.BROADER):
        print(f"  linked by {link.method}, {link.grade}; {link.note}")
    if concept.kind == Kind.TEST and "cost" in card:
        print(f"  {card['cost']:g} US dollars, {card['turnaround_minutes']} minutes, risk {card['risk']} (estimates)")
    for title, rows in card.items():
        if isinstance(rows, list) and rows:
            print(f"{title.replace('_', ' ')}:")
            for row in rows:
                print("  " + _line_of(row, title))


def _line_of(row: Any, title: str) -> str:
    if isinstance(row, str):
        return row
    if title == "ranges":
        return _range_line(row)
    return "  ".join(str(cell) for cell in row.values() if cell is not None)


def _range_line(row: dict[str, Any]) -> str:
    """Such as "Haemoglobin: 12–16 g/dL, female, from 12 years (estimate)"."""
    if "source" not in row:
        return f"{row['quantity']}: in {row['unit']}, no range"
    low, high, unit = row["low"], row["high"], "" if row["unit"] == "1" else f" {row['unit']}"
    limits = f"≤ {high:g}" if low is None else f"≥ {low:g}" if high is None else f"{low:g}–{high:g}"
    told = filter(None, (f"{row['quantity']}: {limits}{unit}", row["sex"], row["ages"]))
    return f"{', '.join(told)} ({row['source']})"


@kg.command("explain")
def explain_path(one: str, other: str, cache: Cache = None, authored: Authored = None, as_json: Json = False) -> None:
    """The shortest path between two concepts, in words, with their distance and similarity."""
    graph = _open(cache, authored)
    (start, _), (end, _) = _resolve(graph, one, None), _resolve(graph, other, None)
    sentences = explain(graph, start, end)
    distance, similarity = graph.distance(start, end), graph.similarity(start, end)
    if as_json:
        print_json({"sentences": sentences, "distance": distance, "similarity": similarity})
        return
    print("\n".join(sentences) or "No path joins them.")
    print(f"distance {distance}, similarity {0 if similarity is None else similarity:.2f}")


@kg.command("link")
def link_file(
    file: Annotated[Path, typer.Argument(help="A text file with one name a line, or JSON lines with --field.")],
    field: Annotated[str, typer.Option(help="Dotted path of the name inside each JSON line.")] = "",
    kind: Annotated[Kind | None, typer.Option(help="Only concepts of this kind.")] = None,
    cache: Cache = None,
    authored: Authored = None,
    as_json: Json = False,
) -> None:
    """Link every name of a file, and print the coverage by method. Unlinked names come with suggestions."""
    graph = _open(cache, authored)
    texts = list(_read_names(file, field))
    if not texts:
        fail(f"{file.name} holds no name")
    links = [graph.concept(text, kind) for text in texts]
    coverage = Counter(str(link.method) if link else "unresolved" for link in links)
    rows = [
        describe_link(link) if link else _unlinked(graph, text, kind) for text, link in zip(texts, links, strict=True)
    ]
    if as_json:
        print_json({"n": len(texts), "coverage": dict(coverage), "links": rows})
        return
    for row in rows:
        known = f"{row['id']}  {row['name']}  [{row['grade']}] {row['note']}" if "id" in row else row["suggestions"]
        print(f"{row['method']:10} {row['text']} → {known}".rstrip())
    print(f"\n{len(texts)} names: " + ", ".join(f"{m} {n} ({n / len(texts):.0%})" for m, n in coverage.most_common()))


@kg.command()
def export(
    out: Annotated[Path, typer.Option(help="JSON lines file to write.")],
    what: Annotated[str, typer.Option(help=f"One of {', '.join(EXPORTS)}.")] = "edges",
    authored_only: Annotated[bool, typer.Option(help="Only what this project authored.")] = False,
    cache: Cache = None,
    authored: Authored = None,
    as_json: Json = False,
) -> None:
    """Write concepts, disease–finding edges or test edges as JSON lines, each with its source."""
    if what not in EXPORTS:
        raise typer.BadParameter(f"--what is one of {', '.join(EXPORTS)}")
    graph = _open(cache, authored)
    count = 0
    with out.open("wb") as file:
        for row in export_rows(graph, what, authored_only=authored_only):
            file.write(orjson.dumps(row) + b"\n")
            count += 1
    print_json({"rows": count, "hash": graph.hash}) if as_json else print(f"{count} rows written to {out}")


def _places(authored: Path | None, overlay: Path | None = None) -> Places:
    try:
        places = find_places()
    except KnowledgeError as error:
        fail(str(error))
    places = replace(places, overlay=overlay) if overlay and overlay.is_file() else places
    return replace(places, authored=authored) if authored else places


def _open(cache: Path | None, authored: Path | None) -> KnowledgeGraph:
    try:
        return open_graph(
            cache, places=_places(authored), on_build=lambda: typer.echo("Building the graph …", err=True)
        )
    except KnowledgeError as error:
        _refuse(error, as_json=False)


def _announce() -> None:
    typer.echo("Building the graph …", err=True)


def _unlinked(graph: KnowledgeGraph, text: str, kind: Kind | None) -> dict[str, Any]:
    near = [f"{s.concept.name} ({s.score})" for s in graph.suggest(text, kind, 3)]
    return {"text": text, "method": "unresolved", "suggestions": near}


def _refuse(error: KnowledgeError, *, as_json: bool) -> NoReturn:
    if as_json:
        print_json({"errors": [asdict(problem) for problem in error.problems]})
        raise typer.Exit(1)
    fail(f"the graph was not built:\n{error}")


def _resolve(graph: KnowledgeGraph, name: str, kind: Kind | None) -> tuple[Concept, Link | None]:
    try:
        return graph.get(name), None
    except UnknownConceptError:
        link = graph.concept(name, kind)
    if link is None:
        near = ", ".join(f"{s.concept.name} ({s.concept.id})" for s in graph.suggest(name, kind))
        fail(f"{name!r} is not known. Near: {near or 'nothing'}")
    return link.concept, link


def _read_names(file: Path, field: str) -> Iterator[str]:
    try:
        lines = file.read_text("utf-8").splitlines()
    except OSError as error:
        fail(f"{file.name} cannot be read: {error.strerror}")
    except UnicodeDecodeError as error:
        fail(f"{file.name} is not UTF-8 text: {error.reason}")
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        if not field:
            yield line.strip()
            continue
        try:
            value = json.loads(line)
            for key in field.split("."):
                value = value[key]
        except (ValueError, KeyError, TypeError, IndexError):
            fail(f"{file.name}:{number}: has no text at {field!r}")
        yield str(value)
