"""Whether two names mean one diagnosis: people beside a model judge and concept match, blind."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from datasets.selectors.judge_audit import list_sheets
from medaction.bench.judging import Pair, Ruling, RulingBook, judge_hash
from review.models import HumanRuling, JudgeRuling, NamePair
from review.selectors.naming import Served, find_next_names
from review.services.errors import RulingRefused
from review.services.naming import rule_names, sign_served
from tests.review import factories

pytestmark = pytest.mark.django_db
JUDGE = "a-judge"
# (truth, given, what the judge says): concept match finds the first two the same, cannot decide the next two, and
# takes the last two for different diseases.
TOLD = [
    ("Pulmonary embolism", "PE", Ruling.SAME),
    ("Gout", "gout", Ruling.DIFFERENT),
    ("Gout", "Podagra of the left big toe with tophi", Ruling.SAME),
    ("Gout", "A thing without a name", Ruling.DIFFERENT),
    ("Gout", "Migraine", Ruling.SAME),
    ("Migraine", "Gout", Ruling.UNDECIDED),
]
DISPUTED = {"gout", "Podagra of the left big toe with tophi", "Migraine"}


@pytest.fixture
def files(tmp_path):
    """A table of pairs, and the judge's rulings as the library keeps them."""
    table, rulings = tmp_path / "pairs.csv", tmp_path / "rulings.jsonl"
    table.write_text("truth,given\n" + "".join(f"{truth},{given}\n" for truth, given, _ in TOLD), encoding="utf-8")
    with RulingBook(rulings, JUDGE) as book:
        for truth, given, ruling in TOLD:
            book.keep(Pair(truth, given), ruling, "{}")
    return table, rulings


@pytest.fixture
def taken_in(files, graph):
    call_command("import_rulings", str(files[0]), "--rulings", str(files[1]), verbosity=0)


def say(reviewer, ruling, served=None):
    served = served or find_next_names(reviewer)
    return rule_names(reviewer=reviewer, token=sign_served(served=served, reviewer=reviewer), ruling=ruling)


def test_rulings_are_taken_in_once(files, taken_in, capsys):
    assert set(NamePair.objects.filter(disputed=True).values_list("given", flat=True)) == DISPUTED
    assert JudgeRuling.objects.filter(judge=JUDGE, prompt_hash=judge_hash()).count() == 6
    call_command("import_rulings", str(files[0]), "--rulings", str(files[1]))
    assert "6 of 6 pairs ruled on, 0 new" in capsys.readouterr().out
    assert (NamePair.objects.count(), JudgeRuling.objects.count()) == (6, 6)


def test_without_rulings_the_command_says_what_to_do(files, tmp_path):
    with pytest.raises(CommandError, match="Run `medaction bench judge` first"):
        call_command("import_rulings", str(tmp_path / "elsewhere"))
    files[0].write_text("one,two\n1,2\n", encoding="utf-8")
    with pytest.raises(CommandError, match="needs truth and given"):
        call_command("import_rulings", str(files[0]), "--rulings", str(files[1]))


def test_by_turns_a_disputed_pair_and_one_of_all(taken_in, reviewer):
    drawn = [say(reviewer, "SAME") for _ in range(6)]
    assert find_next_names(reviewer) is None
    assert [each.drawn for each in drawn][:2] == ["DISPUTED", "UNIFORM"]
    assert drawn[0].pair.disputed
    assert len({each.pair_id for each in drawn}) == 6
    third = factories.make_reviewer()
    say(factories.make_reviewer(), "SAME", Served(drawn[0].pair, "UNIFORM"))
    served = [say(third, "SAME").pair_id for _ in range(5)]
    assert drawn[0].pair_id not in served, "two people have said what they think of it"


def test_a_word_is_for_good_and_the_reviewers_own(taken_in, reviewer):
    served = find_next_names(reviewer)
    first = say(reviewer, "SAME", served)
    assert say(reviewer, "DIFFERENT", served) == first
    assert HumanRuling.objects.get().ruling == "SAME"
    other = factories.make_reviewer()
    token = sign_served(served=served, reviewer=reviewer)
    for wrong in (token, token[:-1], "", "x:y:z"):
        with pytest.raises(RulingRefused, match="another reviewer or was changed"):
            rule_names(reviewer=other, token=wrong, ruling="SAME")
    with pytest.raises(RulingRefused, match="Choose whether"):
        say(other, "MAYBE")
    for act in (lambda: HumanRuling.objects.update(ruling="DIFFERENT"), lambda: JudgeRuling.objects.all().delete()):
        with pytest.raises(IntegrityError), transaction.atomic():
            act()


def test_the_page_tells_neither_the_judge_nor_concept_match(client_of, taken_in):
    user = factories.make_role(factories.ANNOTATOR)
    client = client_of(user)
    page = client.get("/review/names/").content.decode()
    assert JUDGE not in page
    assert "isputed" not in page
    served = find_next_names(factories.make_reviewer())
    assert served.pair.given in page
    assert client.post("/review/names/", {"served": "nonsense", "ruling": "SAME"}).status_code == 422
    reviewer = user.reviewer
    answer = client.post(
        "/review/names/", {"served": sign_served(served=served, reviewer=reviewer), "ruling": "UNSURE"}
    )
    assert answer.status_code == 302
    assert "of 1 pair." in client.get("/review/names/").content.decode()


def test_agreement_is_of_the_fair_sample_and_disputes_are_settled_by_people(taken_in):
    """Two people who know: the first pairs are the same, the toe too, nothing else is."""
    same = {"PE", "gout", "Podagra of the left big toe with tophi"}
    for reviewer in (factories.make_reviewer(), factories.make_reviewer()):
        while served := find_next_names(reviewer):
            say(reviewer, "SAME" if served.pair.given in same else "DIFFERENT", served)
    sheet = list_sheets()[0]
    assert (sheet.pairs, sheet.with_people, sheet.undecided, sheet.open) == (6, 6, 1, 0)
    assert sheet.silent == {"same": 1, "different": 1, "undecided": 0}
    assert sheet.right == {"judge": 1, "concept": 2}
    uniform = set(HumanRuling.objects.filter(drawn="UNIFORM").values_list("pair", flat=True))
    judge, concept, _ = (each.figures for each in sheet.sample)
    assert judge["n"] + judge["undecided"] == concept["n"] + concept["undecided"] == len(uniform)
    assert concept["kappa"] in (1.0, None)


def test_people_who_differ_settle_nothing(taken_in, reviewer):
    pair = NamePair.objects.get(given="Migraine")
    say(reviewer, "SAME", Served(pair, "DISPUTED"))
    say(factories.make_reviewer(), "DIFFERENT", Served(pair, "DISPUTED"))
    sheet = list_sheets()[0]
    assert (sheet.with_people, sheet.open) == (0, 3)
    assert sheet.sample[0].figures["n"] == 0


def test_the_page_of_the_data_manager(client_of, taken_in):
    client = client_of(factories.make_role("data manager"))

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/data/judges/").status_code == 200
        return len(queries)

    before = count()
    for reviewer in (factories.make_reviewer(), factories.make_reviewer()):
        while served := find_next_names(reviewer):
            say(reviewer, "SAME", served)
    assert count() == before
    page = client.get("/data/judges/").content.decode()
    assert JUDGE in page
    assert "Cohen" in page


@pytest.mark.django_db(transaction=True)
def test_two_windows_at_once_are_one_word(files, graph):
    call_command("import_rulings", str(files[0]), "--rulings", str(files[1]), verbosity=0)
    reviewer = factories.make_reviewer()
    served = find_next_names(reviewer)

    def speak(ruling):
        try:
            return say(reviewer, ruling, served).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert len(set(pool.map(speak, ("SAME", "DIFFERENT")))) == 1
