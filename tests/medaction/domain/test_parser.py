"""The parser reads what models really write, and the same for every chunking."""

from collections import defaultdict

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medaction.domain.actions import FinalDiagnosis, Hypothesis, TestOrder, Turn
from medaction.domain.parser import TurnParser, parse_turn
from medaction.domain.transcript import render_turn
from medaction.domain.turn_reading import read_probability
from tests.medaction.domain.strategies import MODEL_TEXTS, TURNS, chunked, mutated

TEXTS = st.one_of(MODEL_TEXTS, mutated(TURNS.map(render_turn)), mutated(MODEL_TEXTS))


def read(chunks) -> tuple[dict[str, str], Turn]:
    """Text by path, and the turn, as a page would put them together from the deltas."""
    parser = TurnParser()
    parts: dict[str, str] = defaultdict(str)
    for delta in [delta for chunk in chunks for delta in parser.feed(chunk)] + parser.finish():
        parts[delta.path] += delta.text
    assert dict(parts) == {part.path: part.text for part in parser.parts()}
    return dict(parts), parser.turn()


@settings(max_examples=600, deadline=None)
@given(chunked(TEXTS))
def test_every_chunking_gives_the_same_parts(sample):
    text, chunks = sample
    assert read(chunks) == read([text])


@settings(max_examples=300, deadline=None)
@given(TEXTS)
def test_one_character_at_a_time_gives_the_same_parts(text):
    assert read(text) == read([text])


@settings(max_examples=400, deadline=None)
@given(TEXTS)
def test_any_text_can_be_stored(text):
    parts, turn = read([text])
    orjson.dumps([parts, turn.to_dict()])
    assert "\x00" not in "".join(parts.values())
    assert Turn.from_dict(orjson.loads(orjson.dumps(turn.to_dict()))) == turn


@settings(max_examples=200, deadline=None)
@given(chunked(TEXTS))
def test_the_turn_can_be_read_at_any_time_and_deltas_only_append(sample):
    _, chunks = sample
    parser = TurnParser()
    before: dict[str, str] = {}
    for chunk in chunks:
        parser.feed(chunk)
        parser.turn()
        now = {part.path: part.text for part in parser.parts()}
        assert all(now[path].startswith(text) for path, text in before.items())
        before = now


@settings(max_examples=300, deadline=None)
@given(TURNS)
def test_a_written_turn_reads_back(turn):
    assert parse_turn(render_turn(turn)) == turn


@settings(max_examples=200, deadline=None)
@given(TURNS, st.data())
def test_a_cut_off_turn_never_acts_on_half_a_word(turn, data):
    text = render_turn(turn)
    cut = data.draw(st.integers(0, len(text) - 1))
    action = parse_turn(text[:cut]).action
    if isinstance(action, FinalDiagnosis):
        assert action == turn.action
    elif isinstance(action, TestOrder):
        assert action.tests == turn.action.tests[: len(action.tests)]


ORDER = '"action":{"type":"order","tests":["CBC"]}'
CBC = TestOrder(("CBC",))


@pytest.mark.parametrize(
    ("text", "reasoning"),
    [
        (f'{{"reasoning":"plain",{ORDER}}}', "plain"),
        (f'Here you are:\n```json\n{{"reasoning":"fenced",{ORDER}}}\n```\nDone.', "fenced"),
        (f'Take {{this}} and {{that: it}}: {{"reasoning":"after braces",{ORDER}}}', "after braces"),
        (f'<think>{{"reasoning":"draft"}}</think>{{"reasoning":"final",{ORDER}}}', "final"),
        (f'{{"reasoning":"line one\nline two",{ORDER}}}', "line one\nline two"),
        (f'{{"reasoning":"the "MG" picture, and "LEMS", too",{ORDER}}}', 'the "MG" picture, and "LEMS", too'),
        ("{'reasoning':'the patient's arm','action':{'type':'order','tests':['CBC']}}", "the patient's arm"),
        ('{reasoning: "bare keys", action: {type: order, tests: ["CBC"]}}', "bare keys"),
        (f'{{"reasoning":"no comma" {ORDER}}}', "no comma"),
        (f'{{"reasoning":"trailing comma",{ORDER[:-1]},}},}}', "trailing comma"),
        (f'{{"reasoning":"first",{ORDER},"reasoning":"second"}}', "first"),
        (f'{{"turn":{{"reasoning":"wrapped",{ORDER}}}}}', "wrapped"),
        (f'{{"reasoning":["one","two"],{ORDER}}}', "one\ntwo"),
        (f'{{"thoughts":"other key",{ORDER}}}', "other key"),
        (f'{{"reasoning":"caf\\u00e9 \\ud83d\\ude00 \\ud83d!",{ORDER}}}', "café 😀 �!"),
        (f'{{"reasoning":"bad \\escape \\u12zz",{ORDER}}}', "bad \\escape \\u12zz"),
        ('{"reasoning":"flat","tests":["CBC"]}', "flat"),
        ('{"reasoning":"text","tests":"CBC"}', "text"),
        ('{"reasoning":"listed","action":["CBC"]}', "listed"),
        ('{"reasoning":"objects","action":{"type":"order","tests":[{"name":"CBC","why":"anaemia"}]}}', "objects"),
        (f'{{"reasoning":"unclosed",{ORDER}', "unclosed"),
        ('{"reasoning":"wrong bracket","action":{"type":"order","tests":["CBC"}}', "wrong bracket"),
    ],
)  # fmt: skip
def test_salvage(text, reasoning):
    turn = parse_turn(text)
    assert turn.reasoning == reasoning
    assert turn.action == CBC
    assert turn.valid


@pytest.mark.parametrize(
    ("text", "action"),
    [
        ('{"action":"diagnose","dx":"Gout"}', FinalDiagnosis("Gout")),
        ('{"action":{"type":"diagnose","diagnosis":"Gout"}}', FinalDiagnosis("Gout")),
        ('{"action":{"diagnose":"Gout"}}', FinalDiagnosis("Gout")),
        ('{"final_diagnosis":"Gout"}', FinalDiagnosis("Gout")),
        ('{"action":{"type":"Final Diagnosis","dx":"Gout"}}', FinalDiagnosis("Gout")),
        ('{"action":{"type":"order","dx":"Gout"}}', None),
        ('{"action":{"type":"diagnose","tests":["CBC"]}}', None),
        ('{"action":{"type":"diagnose","dx":"Gou', None),
        ('{"action":{"type":"order","tests":["CBC","MRI br', CBC),
        ('{"action":{"type":"order","tests":[]}}', None),
        ('{"action":{"type":"order","tests":["", " "]}}', None),
        ('{"action":null}', None),
    ],
)
def test_actions(text, action):
    turn = parse_turn(text)
    assert turn.action == action
    assert turn.valid is (action is not None)
    assert ("NO_ACTION" in turn.problems) is (action is None)


def test_differentials_in_other_shapes():
    expected = (Hypothesis("Gout", 0.6), Hypothesis("Sepsis", 0.3))
    for written in (
        '[{"dx":"Gout","p":0.6},{"dx":"Sepsis","p":0.3}]',
        '[{"dx":"Gout","p":"60%"},{"dx":"Sepsis","p":"about 30 %"}]',
        '[{"diagnosis":"Gout","probability":60},{"name":"Sepsis","confidence":30}]',
        '{"Gout":0.6,"Sepsis":0.3}',
        '{"Gout":{"p":0.6},"Sepsis":{"p":0.3}}',
        '[{"dx":"Gout","p":0.6, {"dx":"Sepsis","p":0.3}]',
    ):
        assert parse_turn(f'{{"differential":{written},{ORDER}}}').differential == expected, written
    assert parse_turn(f'{{"differential":["Gout","Sepsis"],{ORDER}}}').differential == (
        Hypothesis("Gout"),
        Hypothesis("Sepsis"),
    )


def test_citations_are_ids_even_inside_sentences():
    text = '{"differential":[{"dx":"Gout","for":["o1.2: red toe","o1.3, r2.1"],"against":"no fever"}],"tests":["CBC"]}'
    (hypothesis,) = parse_turn(text).differential
    assert hypothesis.supporting == ("o1.2", "o1.3", "r2.1")
    assert hypothesis.contradicting == ("no fever",)


def test_probabilities_over_one_are_scaled_and_others_left():
    over = parse_turn('{"differential":[{"dx":"A","p":0.9},{"dx":"B","p":0.9},{"dx":"C"}],"tests":["CBC"]}')
    assert [hypothesis.p for hypothesis in over.differential] == [0.5, 0.5, None]
    under = parse_turn('{"differential":[{"dx":"A","p":0.2},{"dx":"B","p":0.1}],"tests":["CBC"]}')
    assert [hypothesis.p for hypothesis in under.differential] == [0.2, 0.1]


@pytest.mark.parametrize(
    ("written", "p"),
    [("0.55", 0.55), ("55%", 0.55), ("55", 0.55), ("1", 1.0), (".5", 0.5), ("0.5%", 0.005), ("~0.3", 0.3),
     ("-0.2", None), ("250", None), ("likely", None), ("", None)],
)  # fmt: skip
def test_read_probability(written, p):
    assert read_probability(written) == pytest.approx(p)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("I would order a CBC.", "NOT_JSON"),
        ("", "NOT_JSON"),
        ('{"name": "no key of ours"}', "NOT_JSON"),
        (f'{{{ORDER}', "UNTERMINATED"),
        (f'{{"differential":[],{ORDER}}}', "NO_DIFFERENTIAL"),
        (f'{{"reasoning":"a","reasoning":"b",{ORDER}}}', "DUPLICATE_KEY"),
        ('{"tests":["A","B","C","D"]}', "TOO_MANY_TESTS"),
        ('{"differential":["1","2","3","4","5","6"],"tests":["A"]}', "TOO_MANY_DIAGNOSES"),
        ('{"differential":[{"dx":"A","p":"likely"}],"tests":["A"]}', "BAD_PROBABILITY"),
        ("{'tests':['A']}", "MALFORMED"),
    ],
)  # fmt: skip
def test_problems_are_named(text, problem):
    assert problem in parse_turn(text).problems


def test_text_without_json_is_kept_as_the_reasoning():
    turn = parse_turn("I think it is {gout}.\n")
    assert (turn.reasoning, turn.problems, turn.valid) == ("I think it is {gout}.", ("NOT_JSON",), False)


def test_limits_keep_the_first_three_tests_and_five_diagnoses():
    turn = parse_turn('{"differential":["1","2","3","4","5","6"],"tests":["A","B","C","D"]}')
    assert turn.action == TestOrder(("A", "B", "C"))
    assert [hypothesis.dx for hypothesis in turn.differential] == ["1", "2", "3", "4", "5"]


def test_the_last_turn_needs_a_diagnosis():
    assert not parse_turn(f"{{{ORDER}}}", must_diagnose=True).valid
    assert parse_turn('{"dx":"Gout"}', must_diagnose=True).valid


def test_reasoning_streams_before_the_object_is_complete():
    parser = TurnParser()
    assert [(d.path, d.text) for d in parser.feed('{"reasoning": "Weak after')] == [("reasoning", "Weak after")]
    assert [(d.path, d.text) for d in parser.feed(' exercise", "differential": [{"dx": "Myas')] == [
        ("reasoning", " exercise"),
        ("differential.0.dx", "Myas"),
    ]


def test_long_hostile_text_takes_linear_time():
    for piece in ("{", "[", '{"a":', '{"reasoning":[', '"', "\\", "<think>", '{"reasoning":"' + '" '):
        assert parse_turn(piece * 60_000).action is None
