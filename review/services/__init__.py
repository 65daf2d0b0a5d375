"""The verbs. Keyword-only; one transaction each; what the audit log hears is written in the same transaction, last.

pairing    add_pair, retire_pair                                           holding     what queues have in common
rubrics    create_version, write_version, use_version, ensure_rubric      items     add_item, retire_item, move_item
adjudicating  adjudicate_item, write_own     exemplars  mark_exemplar, remove_exemplar
edges      judge_edge, merge_proposal, decline_proposal
auditing   write_audit                                                    errors    why a service refused
"""

from .errors import ItemRefused, RubricRefused, ServiceError
from .items import add_item, retire_item
from .pairing import add_pair, retire_pair

__all__ = ["ItemRefused", "RubricRefused", "ServiceError", "add_item", "add_pair", "retire_item", "retire_pair"]
