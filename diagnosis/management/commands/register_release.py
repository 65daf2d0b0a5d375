"""A model that somebody serves becomes a release that walkthroughs may choose."""

from pathlib import Path

import orjson
from django.core.management.base import BaseCommand, CommandError

from diagnosis.models import ModelRelease
from diagnosis.selectors.endpoints import list_endpoints
from diagnosis.services import ReleaseFacts, ReleaseRefused, register_release
from medaction.inference.release import ReleaseManifestError, read_manifest


class Command(BaseCommand):
    help = "Register a model from its manifest, served at one of the addresses that the settings allow. Safe to repeat."

    def add_arguments(self, parser):
        parser.add_argument("manifest", type=Path, help="a release manifest, or the folder of a training's output")
        parser.add_argument(
            "--endpoint", required=True, metavar="NAME", help="policy, model, or one of MODEL_ENDPOINTS"
        )
        parser.add_argument("--name", default="", help="what requests name (default: the manifest's name)")
        parser.add_argument("--label", default="", help="how pages call it (default: the manifest's label or name)")
        parser.add_argument(
            "--engine", default="VLLM", choices=[value for value in ModelRelease.Engine.values if value != "SCRIPTED"]
        )
        parser.add_argument("--json", action="store_true", help="print the release as JSON")

    def handle(self, *, manifest, endpoint, name, label, engine, **options):
        addresses = {allowed.name: allowed.url for allowed in list_endpoints()}
        if endpoint not in addresses:
            known = ", ".join(addresses) or "none"
            raise CommandError(f"No endpoint is called “{endpoint}”; the settings name {known}. See MODEL_ENDPOINTS.")
        try:
            read = read_manifest(manifest)
            served = name or read.name
            facts = ReleaseFacts(
                key=f"{endpoint}:{served}",
                label=label or read.label or served,
                engine=engine,
                served_name=served,
                base_url=addresses[endpoint],
                card=read.card,
                **read.facts(),
            )
            release = register_release(facts=facts)
        except (ReleaseManifestError, ReleaseRefused) as refusal:
            raise CommandError(str(refusal)) from refusal
        if options["json"]:
            told = {"id": str(release.pk), "key": release.key, "content_hash": release.content_hash}
            self.stdout.write(orjson.dumps(told).decode())
        else:
            self.stdout.write(f"{release.label} is registered as {release.key} ({release.content_hash[:12]}).")
