"""Why a service refused. Each message is a sentence for the person who asked; nothing was changed."""


class ServiceError(Exception):
    """Refused."""


class RubricRefused(ServiceError):  # noqa: N818 - a refusal, not a fault
    """A rubric that cannot be written or used so."""


class ItemRefused(ServiceError):  # noqa: N818
    """Something that cannot become an item, or an item that cannot be changed so."""
