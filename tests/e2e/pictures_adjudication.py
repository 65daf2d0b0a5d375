"""Pictures of adjudication, the guideline and the figures of agreement, kept as ``pictures`` keeps the others."""

import pytest

from diagnosis.models import Case
from diagnosis.services import import_cases
from medaction.formats.rows import CaseRow
from medaction.formats.teaching import load_teaching_cases
from review.services.reporting import report_agreement
from tests.datasets.factories import DATA_MANAGER
from tests.e2e.pictures import FOLDER, LOOKS
from tests.review import factories
from tests.review.test_adjudicating import decide, disputed


@pytest.mark.parametrize("look", LOOKS)
def test_pictures_of_adjudication(visitor, stack, look):
    FOLDER.mkdir(exist_ok=True)
    adjudicator = factories.make_role(factories.ADJUDICATOR, "dr-decides")
    reviewers = [factories.make_reviewer() for _ in range(3)]
    items = [disputed(reviewers, labels) for labels in ((1, 1, -1), (1, 0, 0))]
    page = visitor.open("/review/adjudication/", adjudicator, **LOOKS[look])

    def keep(name: str) -> None:
        page.screenshot(path=FOLDER / f"review-{name}-{look}.png", full_page=True, caret="initial")

    keep("adjudication-queue")
    page.goto(f"{stack.url}/review/adjudication/{items[0].pk}/")
    keep("adjudication")
    page.get_by_role("button", name="Decide").click()
    page.locator("[data-problems]").wait_for()
    keep("adjudication-refused")
    page.goto(f"{stack.url}/review/adjudication/{items[0].pk}/own/?from=A")
    keep("adjudication-own")
    decide(adjudicator, items[0], "A")
    page.goto(f"{stack.url}/review/adjudication/{items[0].pk}/")
    page.locator(".marking summary").first.click()
    page.locator(".marking textarea").first.fill("A careful colleague asks for this first.")
    keep("adjudication-decided")
    page.get_by_role("button", name="Mark it").first.click()
    page.get_by_text("Take it off").wait_for()
    page.goto(f"{stack.url}/review/guideline/")
    page.locator(".example summary").first.click()
    keep("guideline")
    visitor.complaints = [each for each in visitor.complaints if "422" not in each]


@pytest.mark.parametrize("look", LOOKS)
def test_pictures_of_agreement(visitor, stack, look):
    FOLDER.mkdir(exist_ok=True)
    annotator = factories.make_role(factories.ANNOTATOR, "dr-judges")
    reviewers = [factories.make_reviewer_of(annotator), *(factories.make_reviewer() for _ in range(3))]
    said = [(1, 1, -1, 0), (0, 0, 0, 1), (-1, -1, -1, -1), (1, 0, 1, 1), (-1, 0, None, -1), (1, 1, 1, 1)]
    import_cases(rows=[CaseRow(line, case) for line, case in enumerate(load_teaching_cases(), start=1)])
    trees = [factories.make_trajectory(2, case=case) for case in Case.objects.all()[: len(said)]]
    items = [disputed(reviewers, labels, trajectory=tree) for labels, tree in zip(said, trees, strict=True)]
    adjudicator = factories.make_role(factories.ADJUDICATOR)
    for item in items[:3]:
        decide(adjudicator, item)
    manager = factories.make_role(DATA_MANAGER, "dr-manages")
    page = visitor.open("/review/agreement/", manager, **LOOKS[look])
    page.screenshot(path=FOLDER / f"review-agreement-none-{look}.png", full_page=True, caret="initial")
    report_agreement()
    page.reload()
    page.screenshot(path=FOLDER / f"review-agreement-{look}.png", full_page=True, caret="initial")
    own = visitor.open("/review/agreement/mine/", annotator, **LOOKS[look])
    own.screenshot(path=FOLDER / f"review-agreement-mine-{look}.png", full_page=True, caret="initial")
