"""A task for Inspect (``inspect_ai``): our environment played turn by turn with Inspect's model, scored by concept.

Inspect finds it by the entry point ``inspect_ai``. The solver leaves the whole benchmark record in the sample's store
and in the score's metadata, so that an Inspect log holds what ``medaction bench run`` would have written.
"""

from collections.abc import AsyncGenerator, Mapping, Sequence
from math import isnan, nan
from typing import Any

from inspect_ai import Task, task
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import (
    ChatMessage,
    ChatMessageAssistant,
    ChatMessageSystem,
    ChatMessageUser,
    GenerateConfig,
    Model,
    get_model,
)
from inspect_ai.scorer import Metric, SampleScore, Score, Scorer, Target, metric, scorer
from inspect_ai.solver import Generate, Solver, TaskState, solver

from medaction.bench import BenchSettings, bench_case
from medaction.bench.figures import figure_of
from medaction.bench.statistics import estimate
from medaction.distill.policies.chat import ChatPolicy, ChatSettings
from medaction.domain.case import Case
from medaction.domain.prompt import Message, prompt_hash
from medaction.engines.case_files import load_graph, open_dialogue, read_case_file
from medaction.inference.openai_compatible import response_format
from medaction.inference.port import ChatRequest, Delta, Usage

RECORD = "medaction"
"""Where the record lies in the sample's store."""
MEANS = ("top1", "top3", "top10", "turns", "cost", "dtc", "rac", "coverage")
SUMS = ("orders", "unavailable", "format_failures")
_ROLES = {"system": ChatMessageSystem, "user": ChatMessageUser, "assistant": ChatMessageAssistant}


@task
def active_diagnosis(
    cases: str,
    limit: int | None = None,
    horizon: int = 5,
    menu_visible: bool = False,
    static: bool = False,
    constrained: bool = False,
) -> Task:
    """Work up each case of a file and diagnose it.

    ``cases``: a file or folder of any format that medaction reads. ``static``: all evidence at once. ``constrained``:
    hold answers to the turn's JSON schema, as ``medaction bench run`` does; for providers that speak OpenAI's chat
    completions. Sampling is greedy unless the command says otherwise (``--temperature``).
    Raises :class:`medaction.engines.case_files.CaseFileError`.
    """
    loaded = read_case_file(cases, limit)
    settings = BenchSettings(static=static, horizon=horizon, menu_visible=menu_visible)
    plain = ChatSettings()
    return Task(
        dataset=MemoryDataset([_sample(case) for case in loaded], name="medaction"),
        solver=work_up({case.id: case for case in loaded}, settings, constrained),
        scorer=concept_match(),
        config=GenerateConfig(temperature=plain.temperature, max_tokens=plain.max_tokens, seed=plain.seed),
        metadata={"prompt": prompt_hash(), "graph": load_graph().hash, "settings": settings.to_dict()},
    )


@solver
def work_up(cases: Mapping[str, Case], settings: BenchSettings, constrained: bool = False) -> Solver:
    """One episode. The messages shown are those of the model's last call."""

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        model = InspectModel(get_model(), state)
        policy = ChatPolicy(model, ChatSettings(constrained=constrained))
        case = cases[str(state.sample_id)]
        record = await bench_case(case, policy, load_graph(), settings, sample=state.epoch - 1)
        state.store.set(RECORD, record)
        return state

    return solve


class InspectModel:
    """Inspect's model behind our port. How it samples is decided by Inspect: the task's config, then the command."""

    def __init__(self, model: Model, state: TaskState) -> None:
        self._model = model
        self._state = state

    @property
    def name(self) -> str:
        return str(self._model)

    @property
    def label(self) -> str:
        return self.name

    async def aclose(self) -> None:
        """Inspect owns the model."""

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Delta, None]:
        """The whole answer as one piece; Inspect retries, limits and logs the call."""
        messages = _convert(request.messages)
        schema = request.json_schema
        config = GenerateConfig(extra_body={"response_format": response_format(schema)} if schema else None)
        output = await self._model.generate(messages, config=config)
        self._state.output = output
        self._state.messages = [*messages, output.message]
        told = output.usage
        usage = Usage(told.input_tokens, told.output_tokens, told.input_tokens_cache_read or 0) if told else None
        yield Delta(output.completion, finish_reason=output.stop_reason, usage=usage)


@metric
def figures() -> Metric:
    """The figures of ``medaction bench run``, with the interval of ``top1``. What no case has is left out, not 0."""

    def measure(scores: list[SampleScore]) -> dict[str, float]:
        values = [score.score.as_dict() for score in scores]
        groups = [(score.sample_metadata or {}).get("group", score.sample_id) for score in scores]
        told: dict[str, float] = {"n": len(values)}
        for name in MEANS:
            found = estimate([_known(value[name]) for value in values], groups)
            if found["value"] is not None:
                told[name] = found["value"]
            if name == "top1" and found["ci"]:
                told["top1_low"], told["top1_high"] = found["ci"]
        sums = {name: sum(_known(value[name]) or 0.0 for value in values) for name in SUMS}
        if sums["orders"]:
            told["unavailable_rate"] = round(sums["unavailable"] / sums["orders"], 4)
        return {**told, "format_failures": sums["format_failures"]}

    return measure


@scorer(metrics=[figures()])
def concept_match() -> Scorer:
    """Right when the final diagnosis is the case's disease by concept, never by likeness of spelling."""

    async def score(state: TaskState, target: Target) -> Score:
        record = state.store.get(RECORD)
        values = {name: figure_of(record, name) for name in (*MEANS, *SUMS)}
        return Score(
            value={name: nan if value is None else value for name, value in values.items()},
            answer=record["given"],
            explanation=f"{record['given'] or 'no diagnosis'}: {record['verdict']} (the case: {record['truth']})",
            metadata=record,
        )

    return score


def _sample(case: Case) -> Sample:
    about = {"group": case.group_key, "source": case.source, "licence": case.licence, "synthetic": case.synthetic}
    return Sample(id=case.id, input=_convert(open_dialogue(case)), target=case.diagnosis.text, metadata=about)


def _convert(messages: Sequence[Message]) -> list[ChatMessage]:
    return [_ROLES[message["role"]](content=message["content"]) for message in messages]


def _known(value: Any) -> float | None:
    return None if value is None or isnan(value) else float(value)
