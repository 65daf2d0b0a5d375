"""What a first look finds: training items with errors put in on purpose, and work-ups by the policy."""

import pytest
from django.core.management import CommandError, call_command

from diagnosis.services import import_cases
from diagnosis.services.planning import load_case
from diagnosis.tasks.comparing import open_solver, walk_case
from medaction.domain.observation import Observation
from medaction.formats.rows import CaseRow
from medaction.formats.teaching import load_teaching_cases
from review.models import ReviewItem
from review.rules import Labels
from review.services.claiming import claim_item
from review.services.examples import EXAMPLES, add_example, example_environment, list_missing_examples
from tests.review import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def teaching(db, settings):
    settings.TASK_APPLICATION = "tests.diagnosis.nowhere.app"
    rows = [CaseRow(line, case) for line, case in enumerate(load_teaching_cases(), start=1)]
    assert not import_cases(rows=rows).errors


def test_the_demo_account_may_judge_and_begins_with_training(teaching, client_of):
    user = factories.make_user("demo")
    factories.make_role(factories.ANNOTATOR)
    for _ in range(2):
        call_command("review_demo", verbosity=0)
    trained = ReviewItem.objects.filter(kind="TRAINING")
    assert trained.count() == 2
    user = user.__class__.objects.get(pk=user.pk)
    assert user.has_perm("review.add_annotation")
    assert claim_item(user=user).item in trained
    with pytest.raises(CommandError, match="no account nobody"):
        call_command("review_demo", user="nobody")


def test_training_items_hold_errors_and_answers_of_the_case(teaching):
    factories.make_role(factories.ANNOTATOR, "demo")
    call_command("review_demo", verbosity=0)
    for item in ReviewItem.objects.filter(kind="TRAINING"):
        reference = Labels.model_validate(item.reference)
        assert set(reference.turns) == set(item.turn_numbers)
        assert reference.first_error == 3
        answers = [Observation.from_dict(node.content) for node in item.trajectory.nodes.filter(kind="OBSERVATION")]
        assert all(result.outcome == "RESULT" for answer in answers for result in answer.results)
        assert not item.trajectory.nodes.filter(sampled=True).exists()


def test_the_policy_works_up_the_examples(teaching, graph):
    """One of them, as the task does it for all."""
    missing = list_missing_examples()
    assert len(missing) == len(EXAMPLES)
    case = missing[0]
    for _ in range(2):
        add_example(trajectory=walk_case(open_solver(), load_case(case.pk), case.pk, example_environment()))
    item = ReviewItem.objects.get(kind="REAL")
    assert item.trajectory.origin == "REFERENCE"
    assert len(list_missing_examples()) == len(EXAMPLES) - 1
