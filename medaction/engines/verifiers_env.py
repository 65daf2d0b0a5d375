"""Taskset, harness and environment for verifiers (0.4 and newer, ``verifiers.v1``).

The harness runs our own loop in this process and reaches the model only through verifiers' interception endpoint, so
that every call is in the trace, with tokens and log-probabilities where the client gives them. The truth is in the
task's data, which the harness does not render. ``medaction_diagnosis`` is the package that verifiers imports by its id.
"""

from collections.abc import Iterable
from typing import Any

import verifiers.v1 as vf
from verifiers.v1.trace import Trace

from medaction.bench import BenchSettings, bench_case
from medaction.bench.figures import figure_of
from medaction.distill.policies.chat import ChatPolicy, ChatSettings
from medaction.domain.case import Case
from medaction.engines.case_files import load_graph, open_dialogue, read_case_file
from medaction.inference.openai_compatible import OpenAICompatibleModel
from medaction.inference.timeouts import Timeouts

ID = "medaction-diagnosis"
RECORD = "medaction"
"""Where the record lies in ``trace.info``."""
METRICS = ("top1", "top3", "turns", "cost", "orders", "unavailable", "format_failures", "dtc", "rac", "coverage")
ANSWER_SECONDS = 3600.0
"""How long one answer may take: a training client batches. verifiers has its own limits of a rollout."""


class DiagnosisData(vf.TaskData):
    """``case`` is ``Case.to_dict()``, truth included; ``play`` are the settings of the episode."""

    case: dict[str, Any]
    play: dict[str, Any]


class DiagnosisTask(vf.Task[DiagnosisData]):
    """Scored from the record that the harness leaves. The reward is 1 for the case's disease by concept, else 0."""

    @vf.reward(weight=1.0)
    async def right(self, trace: Trace) -> float:
        return figure_of(trace.info[RECORD], "top1") or 0.0

    @vf.metric
    async def figures(self, trace: Trace) -> dict[str, float]:
        """Figures that are not known for a case are left out, not 0."""
        found = {name: figure_of(trace.info[RECORD], name) for name in METRICS}
        return {name: value for name, value in found.items() if value is not None}


class DiagnosisConfig(vf.TasksetConfig):
    """``--env.taskset.*``"""

    cases: str = ""
    """A case file or folder of any format that medaction reads."""
    limit: int | None = None
    """Only the first cases."""
    horizon: int = 5
    """Turns a model has."""
    menu_visible: bool = False
    """Show the names of the tests."""
    static: bool = False
    """All evidence at once."""
    constrained: bool = False
    """Hold answers to the turn's JSON schema, as `medaction bench run` does."""


class DiagnosisTaskset(vf.Taskset[DiagnosisTask, DiagnosisConfig]):
    """A task a case. Raises :class:`medaction.engines.case_files.CaseFileError`."""

    def load(self) -> Iterable[DiagnosisTask]:
        config = self.config
        play = config.model_dump(include={"horizon", "menu_visible", "static", "constrained"})
        for case in read_case_file(config.cases, config.limit):
            data = DiagnosisData(
                id=case.id, name=case.title, prompt=open_dialogue(case), case=case.to_dict(), play=play
            )
            yield DiagnosisTask(data, config.task)


class DiagnosisHarness(vf.Harness[vf.HarnessConfig]):
    """The environment's loop: prompts, one repair, orders, the end. No tools, no code of the model's is run."""

    EXECUTES_CODE = False
    NEEDS_CONTAINER = False

    async def launch(
        self,
        ctx: vf.ModelContext,
        trace: Trace,
        runtime: vf.Runtime,
        endpoint: str,
        secret: str,
        mcp_urls: dict[str, str],
        data: DiagnosisData,
    ) -> vf.ProgramResult:
        play = dict(data.play)
        settings = ChatSettings(constrained=play.pop("constrained"))
        patient = Timeouts(first_token=ANSWER_SECONDS, idle=ANSWER_SECONDS, total=ANSWER_SECONDS)
        model = OpenAICompatibleModel(base_url=endpoint, name=ctx.model, api_key=secret, timeouts=patient)
        policy = ChatPolicy(model, settings)
        try:
            record = await bench_case(Case.from_dict(data.case), policy, load_graph(), BenchSettings(**play))
        finally:
            await policy.aclose()
        trace.info[RECORD] = record
        return vf.ProgramResult(exit_code=0, stdout=str(record["given"]), stderr="")


class DiagnosisEnvConfig(vf.EnvConfig):
    """``--env.*``. The harness needs no sandbox: it runs in this process."""

    agent: vf.AgentConfig = vf.AgentConfig(runtime=vf.SubprocessConfig())


class DiagnosisEnv(vf.Env[DiagnosisEnvConfig]):
    """One clinician, one case."""

    async def run(self, task: DiagnosisTask, agents: vf.Agents) -> None:
        await agents.agent.run(task)


def load_environment(cases: str, **settings: Any) -> DiagnosisEnv:
    """The environment over a case file, for a trainer or a script; ``settings`` as in :class:`DiagnosisConfig`."""
    taskset = {"id": ID, "cases": cases, **settings}
    environment: DiagnosisEnv = vf.load_environment(vf.resolve_env_config({"taskset": taskset}))
    return environment
