"""``medaction kg`` as a person and a script use it."""

import json

import pytest
from typer.testing import CliRunner

from medaction.cli import app
from medaction.cli import kg as command


@pytest.fixture
def run(small, tmp_path, monkeypatch):
    """``run("stats", "--json")``: on the miniature inputs."""
    monkeypatch.setattr(command, "find_places", lambda: small.places)

    def invoke(*arguments: str, code: int = 0) -> str:
        result = CliRunner().invoke(app, ["kg", *arguments, "--cache", str(tmp_path / "cache")])
        assert result.exit_code == code, result.output
        return result.output if code else result.stdout

    return invoke


def test_build_then_current(run):
    first = json.loads(run("build", "--json"))
    again = json.loads(run("build", "--json"))
    assert (first["built"], again["built"]) == (True, False)
    assert first["hash"] == again["hash"]
    assert "already current" in run("build")
    assert json.loads(run("build", "--force", "--json"))["hash"] == first["hash"]


def test_stats_has_the_agreed_keys(run):
    stats = json.loads(run("stats", "--json"))
    assert {"authored_diseases", "authored_tests", "diseases", "findings", "edges", "hash"} <= stats.keys()
    assert stats["authored_diseases"] == 2
    assert (stats["tests_with_loinc"], stats["loinc_codes"]) == (1, 1)
    assert (stats["tests_with_ranges"], stats["reference_ranges"]) == (1, 2)
    assert "Regenstrief" in run("stats")
    assert all(source["licence"] for source in stats["sources"])
    assert "Apache-2.0" in run("stats")


def test_check_passes_and_names_what_is_wrong(run, small):
    assert "0 errors" in run("check")
    small.edit("data/diseases/infectious/malaria.yaml", "finding: Jaundice", "finding: Jaundyce")
    assert "malaria.yaml:21: finding 'Jaundyce' is unknown" in run("check", code=1)
    report = json.loads(run("check", "--json", code=1))
    assert report["errors"][0]["line"] == 21
    assert "the graph was not built" in run("stats", code=1)
    assert json.loads(run("build", "--json", code=1))["errors"][0]["file"].endswith("malaria.yaml")


def test_check_warns_of_one_sided_competitors(run, small):
    small.edit("data/diseases/infectious/cholera.yaml", "disease: MA:malaria", "disease: ORPHA:7")
    output = run("check")
    assert "malaria.yaml:27: MA:cholera does not name MA:malaria as its competitor" in output


def test_show_by_name_and_by_id(run):
    malaria = json.loads(run("show", "suspected malaria", "--json"))
    assert malaria["id"] == "MA:malaria"
    assert malaria["link"]["method"] == "variant"
    assert malaria["findings"][0]["source"] == "authored"
    assert "Rice-water stool" in run("show", "MA:cholera")
    assert "Near: Falciparum malaria" in run("show", "malarai", code=1)
    assert json.loads(run("show", "thick film", "--json"))["findings"][0]["finding"] == "Parasites on the smear"


def test_show_of_a_test_tells_codes_units_and_ranges(run):
    sodium = json.loads(run("show", "TEST:sodium", "--json"))
    assert "2951-2" in sodium["loinc"]
    row = {"quantity": "Sodium", "key": "sodium", "unit": "mmol/L", "low": 135, "high": 145, "sex": None, "ages": ""}
    assert sodium["ranges"] == [{**row, "source": "estimate"}]
    told = run("show", "TEST:sodium")
    assert "Sodium: 135–145 mmol/L (estimate)" in told
    assert "15 US dollars" in told


def test_explain(run):
    assert "What separates Falciparum malaria" in run("explain", "malaria", "cholera")
    told = json.loads(run("explain", "malaria", "MA:malaria", "--json"))
    assert (told["distance"], told["similarity"]) == (0, 1.0)


def test_link_counts_by_method(run, tmp_path):
    file = tmp_path / "names.txt"
    file.write_text("malaria\n\npyrexia\nrecurrent cholera\nplague\n")
    found = json.loads(run("link", str(file), "--json"))
    assert found["n"] == 4
    assert found["coverage"] == {"authored": 1, "exact": 1, "variant": 1, "unresolved": 1}
    assert "4 names: " in run("link", str(file))


def test_link_reads_a_field_of_json_lines(run, tmp_path):
    file = tmp_path / "cases.jsonl"
    file.write_text('{"a": {"dx": "malaria"}}\n{"a": {"dx": "cholera"}}\n')
    assert json.loads(run("link", str(file), "--field", "a.dx", "--json"))["coverage"] == {"authored": 2}
    file.write_text('{"a": {"dx": "malaria"}}\n{"a": 1}\n')
    assert "cases.jsonl:2: has no text at 'a.dx'" in run("link", str(file), "--field", "a.dx", code=1)


@pytest.mark.parametrize(("raw", "said"), [(b"", "holds no name"), (b"caf\xe9\n", "is not UTF-8 text")])
def test_link_refuses_unreadable_files(run, tmp_path, raw, said):
    file = tmp_path / "names.txt"
    file.write_bytes(raw)
    assert said in run("link", str(file), code=1)
    assert "cannot be read" in run("link", str(tmp_path / "none.txt"), code=1)


@pytest.mark.parametrize("what", ["concepts", "edges", "tests"])
def test_export(run, tmp_path, what):
    out = tmp_path / "rows.jsonl"
    told = json.loads(run("export", "--out", str(out), "--what", what, "--json"))
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    assert len(rows) == told["rows"] > 5
    run("export", "--out", str(out), "--what", what, "--authored-only")
    assert 0 < len(out.read_text().splitlines()) < len(rows)
    run("export", "--out", str(out), "--what", "nothing", code=2)


def test_findings_counts_sentences_and_values(real_graph, graph_cache, tmp_path):
    case = {
        "id": "c1",
        "o1": "A 40-year-old man with a cough.",
        "menu": [
            {"key": "cbc", "name": "CBC", "result": "WBC: 18,000/mm3\nKept in a blue tube."},
            {"key": "exam", "name": "Examination", "result": "No fever."},
        ],
        "diagnosis": "pneumonia",
    }
    file = tmp_path / "cases.jsonl"
    file.write_text(json.dumps(case) + "\n")
    result = CliRunner().invoke(
        app, ["kg", "findings", str(file), "--json", "--unread", "5", "--cache", str(graph_cache)]
    )
    told = json.loads(result.stdout)
    assert told["passages"] == {"n": 2, "read": 2, "share": 1.0}
    assert told["fragments"] == {"n": 3, "read": 2, "share": 0.6667}
    assert told["values"] == {"n": 1, "read": 1, "share": 1.0}
    assert told["methods"]["value"] >= 1
    assert told["unread"] == ["CBC: Kept in a blue tube"]
