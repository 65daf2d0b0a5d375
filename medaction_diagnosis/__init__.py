"""What verifiers imports for the id ``medaction-diagnosis``: only a top-level package can be named."""

from medaction.engines.verifiers_env import DiagnosisEnv, DiagnosisHarness, DiagnosisTaskset, load_environment

__all__ = ["DiagnosisEnv", "DiagnosisHarness", "DiagnosisTaskset", "load_environment"]
