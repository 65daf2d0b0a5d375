"""Reports of agreement: made of stored judgements, shown to those who look after review, one's own to oneself."""

import csv
import re
from io import StringIO

import krippendorff
import numpy as np
import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from review.models import AgreementReport, Annotation, AuditEntry, Reviewer
from review.selectors.adjudicating import get_disagreement
from review.selectors.judgements import get_source
from review.selectors.reports import get_agreement
from review.services import retire_item
from review.services.claiming import claim_item
from review.services.reporting import report_agreement, write_report
from review.services.rubrics import create_version, use_version
from tests.datasets.factories import AUDITOR, DATA_MANAGER, LEARNER
from tests.review import factories
from tests.review.test_adjudicating import decide, disputed

pytestmark = pytest.mark.django_db
PAGE = "/review/agreement/"
MINE = "/review/agreement/mine/"


@pytest.fixture
def reviewers(db):
    return [factories.make_reviewer(f"dr-{name}") for name in ("secret-one", "secret-two", "secret-three")]


@pytest.fixture
def judged(reviewers):
    """Six items of three reviewers."""
    labels = [(1, 1, -1), (0, 0, 0), (-1, -1, -1), (1, 0, 1), (-1, 0, None), (1, 1, 1)]
    return [disputed(reviewers, each, trajectory=factories.make_trajectory(2)) for each in labels]


@pytest.fixture
def manager(client_of):
    return client_of(factories.make_role(DATA_MANAGER))


def page_of(client, path=PAGE) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode()


def alpha_of_reference() -> float:
    """Read from the table of annotations without any code of ours."""
    rows = Annotation.objects.filter(stage="SECOND", item__kind="REAL")
    raters = sorted({row.reviewer_id for row in rows})
    units = sorted({(row.item_id, number) for row in rows for number in row.labels["turns"]})
    data = np.full((len(raters), len(units)), np.nan)
    for row in rows:
        for number, turn in row.labels["turns"].items():
            if turn["label"] is not None:
                data[raters.index(row.reviewer_id), units.index((row.item_id, number))] = turn["label"]
    return krippendorff.alpha(reliability_data=data, level_of_measurement="ordinal")


def test_alpha_on_the_page_is_that_of_the_reference_package(judged, manager):
    (report,) = report_agreement()
    expected = alpha_of_reference()
    assert report.figures["questions"][0]["alpha"]["value"] == pytest.approx(expected)
    text = page_of(manager)
    row = re.search(r"Step label.*?</tr>", text, re.DOTALL)[0]
    assert f"{expected:.2f} (" in row
    assert "agreement/1" in text
    assert str(report.rubric_version) in text
    rows = list(csv.DictReader(StringIO(manager.get(f"{PAGE}{report.pk}.csv").getvalue().decode())))
    step = next(row for row in rows if row["part"] == "question" and row["question"] == "label")
    assert float(step["value"]) == pytest.approx(expected)
    assert (step["metric"], step["rubric"]) == ("agreement/1", str(report.rubric_version))
    told = manager.get(f"{PAGE}{report.pk}.json").json()
    assert told["questions"][0]["alpha"]["value"] == pytest.approx(expected)
    assert (told["metric"], told["rubric"], told["source"]) == ("agreement/1", step["rubric"], report.source)


def test_reports_tell_aliases_and_no_names(judged, manager, reviewers):
    (report,) = report_agreement()
    pages = page_of(manager), manager.get(f"{PAGE}{report.pk}.csv").getvalue().decode()
    for text in pages:
        for reviewer in reviewers:
            assert reviewer.alias in text
            assert reviewer.user.username not in text
    assert {entry.verb for entry in AuditEntry.objects.all()} >= {"download_agreement"}


def test_the_same_judgements_are_reported_once(judged, reviewers):
    (report,) = report_agreement()
    assert report_agreement() == []
    disputed(reviewers, (1, 1, 1), trajectory=factories.make_trajectory(2))
    (later,) = report_agreement()
    assert later.judgements == report.judgements + 3
    decide(factories.make_role(factories.ADJUDICATOR), judged[0])
    (with_decision,) = report_agreement()
    assert with_decision.figures["causes"] == [{"cause": "KNOWLEDGE", "word": "Knowledge differs", "n": 1}]
    assert [row["units"] for row in with_decision.figures["authoritative"]] == [2, 2, 2]
    assert AgreementReport.objects.count() == 3


def test_a_report_is_kept_as_it_was(judged):
    (report,) = report_agreement()

    def refused(action):
        with pytest.raises(IntegrityError), transaction.atomic():
            action()

    refused(lambda: AgreementReport.objects.update(judgements=1))
    refused(lambda: AgreementReport.objects.all()._raw_delete("default"))
    copy = {name: getattr(report, name) for name in ("rubric_version", "metric", "source", "judgements", "figures")}
    refused(lambda: AgreementReport.objects.create(**copy))


def test_what_is_retired_does_not_count(judged, reviewers):
    (report,) = report_agreement()
    open_item = factories.make_item(factories.make_trajectory(2), required=4, priority=99)
    for reviewer, label in zip(reviewers, (1, -1, 1), strict=True):
        assert claim_item(user=reviewer.user).item == open_item
        factories.judge(reviewer, open_item, label)
    (more,) = report_agreement()
    assert more.judgements == report.judgements + 3
    retire_item(item=open_item, reason="Broken.")
    # The judgements are those of the first report again.
    assert report_agreement() == []
    assert get_agreement().report == report
    assert not get_agreement().behind


def test_nothing_to_report(manager, item):
    version = item.rubric_version
    assert (get_source(version), write_report(version=version), report_agreement()) == ("", None, [])
    assert "Nobody has handed in a judgement" in page_of(manager)


def test_without_a_rubric(manager):
    assert "Nobody has handed in a judgement" in page_of(manager)


def test_one_rater_is_told_in_words(manager, reviewers):
    disputed(reviewers[:1], (1,), trajectory=factories.make_trajectory(2))
    report_agreement()
    text = page_of(manager)
    assert "not defined: no item was rated by two raters" in text
    assert "No two reviewers have labelled the same turn yet." in text
    assert ">nan" not in text


def test_asking_for_figures(judged, manager, django_capture_on_commit_callbacks, monkeypatch):
    text = page_of(manager)
    assert "The figures have not been worked out yet." in text
    sent = []
    monkeypatch.setattr("review.services.reporting.dispatch_report", lambda: sent.append(1))
    version = judged[0].rubric_version_id
    with django_capture_on_commit_callbacks(execute=True):
        asked = manager.post(f"{PAGE}ask", {"version": version})
    assert (asked.status_code, asked.url, sent) == (302, f"{PAGE}?asked=1&version={version}", [1])
    assert AuditEntry.objects.filter(verb="ask_agreement").exists()
    waiting = page_of(manager, asked.url)
    assert 'hx-trigger="every 3s"' in waiting
    report_agreement()
    done = page_of(manager, asked.url)
    assert "hx-trigger" not in done
    assert "Step label" in done


def test_by_version_and_by_date(judged, manager, reviewers):
    (old,) = report_agreement()
    disputed(reviewers, (1, 1, 1), trajectory=factories.make_trajectory(2))
    report_agreement()
    version = old.rubric_version
    assert f"version={version.pk}&amp;report={old.pk}" in page_of(manager)
    earlier = page_of(manager, f"{PAGE}?version={version.pk}&report={old.pk}")
    assert "There are judgements or decisions that these figures do not know yet." in earlier
    new = create_version(rubric=version.rubric, content=version.content, note="Another.")
    use_version(version=new)
    assert "Nobody has handed in a judgement by this rubric yet" in page_of(manager)
    assert "Step label" in page_of(manager, f"{PAGE}?version={version.pk}")
    for nonsense in ("?version=x", "?version=99999", f"?version={version.pk}&report=7777", "?version=" + "9" * 30):
        assert manager.get(PAGE + nonsense).status_code == 404
    assert manager.get(f"{PAGE}77777.csv").status_code == 404
    assert manager.get(f"{PAGE}77777.json").status_code == 404


def test_who_may_read_what(judged, client_of, reviewers):
    (report,) = report_agreement()
    paths = [PAGE, f"{PAGE}{report.pk}.csv", f"{PAGE}{report.pk}.json"]
    allowed = {AUDITOR: 200, DATA_MANAGER: 200, LEARNER: 404, factories.ANNOTATOR: 404, factories.ADJUDICATOR: 404}
    for role, status in allowed.items():
        client = client_of(factories.make_role(role))
        assert [client.get(path).status_code for path in paths] == [status] * 3
        asked = client.post(f"{PAGE}ask").status_code
        assert asked == (302 if role == DATA_MANAGER else 404)
        assert client.get(MINE).status_code == (200 if role in (factories.ANNOTATOR, factories.ADJUDICATOR) else 404)


def gold_item(label=1):
    trajectory = factories.make_trajectory(2)
    turns = {str(number): {"label": label} for number in (2, 3)}
    return factories.make_item(trajectory, kind="GOLD", reference={"turns": turns})


def judge_gold(reviewer, count, label):
    for _ in range(count):
        item = claim_item(user=reviewer.user).item
        assert item.kind == "GOLD"
        factories.judge(reviewer, item, label)


def test_ones_own_beside_gold(client_of, settings):
    settings.REVIEW = {**settings.REVIEW, "GOLD_SHARE": 1.0}
    user = factories.make_role(factories.ANNOTATOR)
    reviewer = factories.make_reviewer_of(user)
    for _ in range(11):
        gold_item()
    judge_gold(reviewer, 4, 1)
    assert "gold items count in blocks of five" in page_of(client_of(user), MINE)
    judge_gold(reviewer, 1, -1)
    text = page_of(client_of(user), MINE)
    assert "80% (" in text
    assert "over 10 turns of 5 items" in text
    # Up to the next block nothing changes, so that no single item is told.
    judge_gold(reviewer, 4, -1)
    assert "over 10 turns of 5 items" in page_of(client_of(user), MINE)
    judge_gold(reviewer, 1, -1)
    assert "40% (" in page_of(client_of(user), MINE)


def test_ones_own_beside_what_was_decided(client_of, judged, reviewers):
    annotator = factories.make_role(factories.ANNOTATOR)
    for reviewer in reviewers[:2]:
        reviewer.user.groups.set(annotator.groups.all())
    adjudicator = factories.make_role(factories.ADJUDICATOR)
    first = Annotation.objects.get(item=judged[3], reviewer=reviewers[0], stage="SECOND")
    seen = get_disagreement(user=adjudicator, item_id=judged[3].pk)
    decide(adjudicator, judged[3], next(each.letter for each in seen.judges if each.annotation == first))
    mine, theirs = (page_of(client_of(reviewer.user), MINE) for reviewer in reviewers[:2])
    assert "The same step label: 100%" in mine
    assert "Of 1 item that was decided, 1 was decided for your judgement." in mine
    assert "The same step label: 0%" in theirs
    assert "0 were decided for your judgement" in theirs
    assert all(other.alias not in mine for other in reviewers[1:])
    assert "There is nothing to compare yet" in page_of(client_of(annotator), MINE)


def test_the_number_of_queries_stays_the_same(judged, reviewers, manager, client_of):
    reviewers[0].user.groups.add(*factories.make_role(factories.ANNOTATOR).groups.all())
    own = client_of(Reviewer.objects.get(pk=reviewers[0].pk).user)
    adjudicator = factories.make_role(factories.ADJUDICATOR)

    def count(client, path: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200
        return len(queries)

    decide(adjudicator, judged[0])
    report_agreement()
    before = count(manager, PAGE), count(own, MINE)
    with CaptureQueriesContext(connection) as few:
        report_agreement()
    for _ in range(3):
        decide(adjudicator, disputed(reviewers, (1, 0, -1), trajectory=factories.make_trajectory(3)))
    with CaptureQueriesContext(connection) as many:
        assert report_agreement()
    assert (count(manager, PAGE), count(own, MINE)) == before
    assert len(many) < 20 > len(few)
