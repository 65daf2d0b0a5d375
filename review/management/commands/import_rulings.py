"""A model judge's rulings, so that people may say what they think of them."""

from collections import defaultdict
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from medaction.bench.judging import RowsError, Ruling, read_pairs
from medaction.bench.judging.book import RULINGS
from medaction.distill.lines import LinesError, read_json_lines
from medaction.domain.canonical import content_hash
from medaction.knowledge import KnowledgeError
from review.selectors.graph import open_site_graph
from review.services.naming import add_names


class Command(BaseCommand):
    help = (
        "Take the rulings of `medaction bench judge` or `judge-agreement` in: their pairs are served to reviewers, who "
        "do not learn what the judge said. Safe to repeat."
    )

    def add_arguments(self, parser):
        parser.add_argument("source", type=Path, help="A run's directory, a report, or a table with truth and given.")
        parser.add_argument("--rulings", type=Path, help=f"Default: {RULINGS} in the run's directory.")

    def handle(self, *, source: Path, rulings: Path | None, **options):
        path = rulings or source / RULINGS
        if not path.is_file():
            raise CommandError(f"{path} is no file. Run `medaction bench judge` first, or name it with --rulings.")
        try:
            lines = list(read_json_lines(path))
            graph = open_site_graph()
            rows = read_pairs(source, graph)
        except (RowsError, LinesError, KnowledgeError, OSError) as error:
            raise CommandError(str(error)) from error
        known: dict[tuple[str, str], dict[str, Ruling]] = defaultdict(dict)
        for line in lines:
            known[line["judge"], line["prompt"]][line["key"]] = Ruling(line["ruling"])
        for (judge, prompt), by_key in known.items():
            keys = {
                row.pair: content_hash([row.pair.truth, list(row.pair.aliases), row.pair.given, judge, prompt])
                for row in rows
            }
            found = {pair: by_key[key] for pair, key in keys.items() if key in by_key}
            added = add_names(rows=rows, rulings=found, judge=judge, prompt_hash=prompt, graph_hash=graph.hash)
            self.stdout.write(f"{judge}: {len(found)} of {len(rows)} pairs ruled on, {added} new.")
