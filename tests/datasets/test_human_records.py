"""People's walkthroughs as benchmark records: whose count, what is in them, and the directories written of them."""

import json
from io import StringIO

import pytest
from asgiref.sync import async_to_sync
from django.core.management import CommandError, call_command

from datasets.selectors.human_records import list_human_records, name_reader
from diagnosis.services.planning import load_case
from medaction.bench import BenchSettings, bench_case
from medaction.bench.runs import open_bench_run
from medaction.distill.policies import Reply
from medaction.domain.parser import parse_turn
from medaction.knowledge import open_graph
from tests.diagnosis.factories import DIAGNOSE, ORDER, drive, make_case, make_drive, make_session, make_user, take_turn

pytestmark = pytest.mark.django_db
RIGHT = DIAGNOSE.replace('"dx":"Stroke"}}', '"dx":"%s"}}')


@pytest.fixture(scope="module")
def graph(request):
    return open_graph(request.config.cache.mkdir("knowledge"))


@pytest.fixture
def scripted(settings):
    settings.MODEL_URL = ""
    settings.SCRIPTED_MODELS = ["walk"]


@pytest.fixture
def finished(nowhere):
    """``finished(reader, last_turn)``: a walkthrough of the first case, with one order before the diagnosis."""

    def make(reader, last=DIAGNOSE):
        session = make_drive(owner=reader)
        drive(session)
        drive(session, last)
        session.refresh_from_db()
        return session

    return make


class AsThePerson:
    """The same turns, taken by a policy."""

    name = label = "again"

    async def answer(self, view):
        text = DIAGNOSE if view.steps else ORDER
        return Reply(parse_turn(text), text)

    async def aclose(self):
        """Nothing is held."""


async def _bench(case, graph, settings):
    return await bench_case(case, AsThePerson(), graph, settings)


def test_a_person_is_measured_as_a_policy_is(finished, graph):
    reader = make_user()
    session = finished(reader)
    found = list_human_records(graph=graph)
    ((name, (record,)),) = found.by_reader.items()
    horizon = session.trajectory.settings["environment"]["horizon"]
    assert found.settings == BenchSettings(horizon=horizon)
    policy = async_to_sync(_bench)(load_case(session.case_id), graph, found.settings)
    own = {"policy", "seconds", "reader", "branch"}
    assert {k: v for k, v in record.items() if k not in own} == {k: v for k, v in policy.items() if k not in own}
    assert record["branch"]["first"] == policy["branch"]["first"]
    turns = [[step["turn"] for step in one["branch"]["steps"]] for one in (record, policy)]
    assert turns[0] == turns[1]
    assert name == record["reader"] == name_reader(reader.pk)
    assert reader.username not in json.dumps(record)


def test_only_the_first_time_counts_and_never_after_the_truth(finished, scripted, graph):
    twice, watched, once = make_user(), make_user(), make_user()
    finished(twice)
    finished(twice)
    watching = make_session(owner=watched)
    take_turn(watching, DIAGNOSE)
    finished(watched)
    finished(once)
    unfinished = make_drive(owner=make_user())
    drive(unfinished)
    found = list_human_records(graph=graph)
    assert set(found.by_reader) == {name_reader(twice.pk), name_reader(once.pk)}
    assert found.left_out == {"truth seen before": 2, "unfinished": 1}
    assert [record["sample"] for record in found.pool()] == [0, 1]
    assert list_human_records(graph=graph, source="nowhere").by_reader == {}


def test_queries_do_not_grow_with_walkthroughs(finished, graph, django_assert_num_queries):
    for _ in range(3):
        finished(make_user())
    with django_assert_num_queries(2):
        list_human_records(graph=graph)


def test_directories_that_the_command_line_reads(finished, settings, tmp_path, request, graph):
    settings.GRAPH_CACHE = request.config.cache.mkdir("knowledge")
    finished(make_user())
    finished(make_user(), RIGHT % make_case().payload["diagnosis"]["text"])
    out = StringIO()
    call_command("export_human_runs", out=tmp_path / "people", json=True, stdout=out)
    written = json.loads(out.getvalue())
    assert written["records"].pop("pooled") == 2
    assert list(written["records"].values()) == [1, 1]
    pooled = open_bench_run(tmp_path / "people" / "pooled").report()
    assert (pooled["n"], pooled["records"], pooled["top1"], pooled["complete"]) == (1, 2, 0.5, True)
    assert pooled["policy"] == "Human, 2 readers"
    for name in written["records"]:
        report = json.loads((tmp_path / "people" / name / "report.json").read_bytes())
        assert report["policy"] == f"Human ({name})"
        assert report["graph"] == graph.hash
    with pytest.raises(CommandError, match="holds something already"):
        call_command("export_human_runs", out=tmp_path / "people", stdout=out)


def test_nothing_to_write_says_so(settings, tmp_path, request):
    settings.GRAPH_CACHE = request.config.cache.mkdir("knowledge")
    with pytest.raises(CommandError, match="Nobody has finished"):
        call_command("export_human_runs", out=tmp_path / "people", stdout=StringIO())
    assert not (tmp_path / "people").exists()
