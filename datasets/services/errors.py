"""Why a service refused. Each message is a sentence for the person who asked; nothing was changed."""


class ServiceError(Exception):
    """Refused."""


class UploadRefused(ServiceError):  # noqa: N818 - a refusal, not a fault
    """A file that cannot be taken: too large, not a file of cases, or an archive that unpacks to too much."""


class ImportNotReady(ServiceError):  # noqa: N818
    """The import is still being checked, has faults, or was done before."""


class RunRefused(ServiceError):  # noqa: N818
    """A run that cannot be started, steered or imported."""


class VersionRefused(ServiceError):  # noqa: N818
    """A dataset, a version or an export that cannot be made as it was asked for."""


class MergeRefused(ServiceError):  # noqa: N818
    """A decision about the graph that cannot be put into force, or an update of it that cannot be steered so."""


class BenchmarkRefused(ServiceError):  # noqa: N818
    """A benchmark that cannot be made, or used, as it was asked for."""
