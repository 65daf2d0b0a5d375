"""Pictures of the pages of models, kept as ``pictures`` keeps the others."""

import pytest
from django.utils import timezone

from diagnosis.models import ModelRelease
from diagnosis.services import ReleaseFacts, disable_release, record_health, register_configured, register_release
from medaction.domain.prompt import prompt_hash
from medaction.inference.release import find_shipped
from medaction.inference.weights import MODEL_LABEL, MODEL_NAME
from tests.e2e.pictures import FOLDER, LOOKS
from tests.e2e.test_data import manager as manager


@pytest.mark.parametrize("look", LOOKS)
def test_pictures_of_models(visitor, manager, stack, case, settings, look):
    FOLDER.mkdir(exist_ok=True)
    register_configured()
    shipped = find_shipped(MODEL_NAME)
    release = register_release(
        facts=ReleaseFacts(
            key=f"openai:{MODEL_NAME}",
            label=MODEL_LABEL,
            engine="LLAMA_CPP",
            served_name=MODEL_NAME,
            base_url=settings.MODEL_URL,
            prompt_hash=prompt_hash(),
            card=shipped.card,
            **shipped.facts(),
        )
    )
    failing = ModelRelease.objects.get(key="openai:fake")
    record_health(release=failing, ok=False, message="Nobody answers at this address.", at=timezone.now())
    record_health(release=release, ok=True, message=f"The model server offers {MODEL_NAME}.", at=timezone.now())
    script = ModelRelease.objects.get(key="scripted:walk@0")
    disable_release(release=script, by=manager, reason="It repeats its first hypothesis whatever comes back")
    page = visitor.open("/data/models/", manager, **LOOKS[look])
    page.screenshot(path=FOLDER / f"data-models-{look}.png", full_page=True)
    for name, shown in (("data-model", release), ("data-model-off", script)):
        page.goto(f"{stack.url}/data/models/{shown.pk}/")
        page.locator(".confirm summary").click()
        page.screenshot(path=FOLDER / f"{name}-{look}.png", full_page=True)
    page.goto(f"{stack.url}/cases/{case.slug}/")
    page.screenshot(path=FOLDER / f"case-models-{look}.png", full_page=True)
