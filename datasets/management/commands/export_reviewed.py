"""What reviewers said, as a review set."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from datasets.models import ReviewSnapshot
from datasets.services.errors import VersionRefused
from datasets.services.review_sets import write_reviews
from datasets.services.snapshots import take_snapshot
from medaction.corpus import CorpusError
from review.models import RubricVersion


class Command(BaseCommand):
    help = "Write a review set: judgements, corrections and comparisons, for `medaction dataset build --reviews`."

    def add_arguments(self, parser):
        parser.add_argument("directory", type=Path, help="a new folder")
        natures = ReviewSnapshot.Nature.values
        parser.add_argument("--nature", required=True, choices=natures, help="expert: clinicians judged; demo: a trial")
        parser.add_argument("--rubric", default="", help="which version, as steps:2; else the only one there is")
        parser.add_argument("--aliases", action="store_true", help="aliases instead of pseudonyms made for this set")

    @transaction.atomic
    def handle(self, *, directory, nature, rubric, aliases, **options):
        try:
            chosen = find_rubric(rubric) if rubric else None
            snapshot = take_snapshot(owner=None, nature=nature, rubric_version=chosen, aliases=aliases)
            written = write_reviews(snapshot=snapshot, path=directory)
        except (VersionRefused, CorpusError, OSError) as error:
            raise CommandError(str(error)) from error
        held = ", ".join(f"{len(ids):,} {name.replace('_', ' ')}" for name, ids in snapshot.held.items())
        self.stdout.write(f"{directory} is written, {written.fingerprint[:12]}: {held}")


def find_rubric(asked: str) -> RubricVersion:
    slug, _, number = asked.partition(":")
    found = RubricVersion.objects.filter(rubric__slug=slug, number=int(number) if number.isdigit() else 0).first()
    if found is None:
        raise CommandError(f"There is no rubric version {asked}. Write it as slug:number, as in steps:1.")
    return found
