"""Policies: what is shown in, one turn out. Each reads only a :class:`View`; none can see the truth or a hidden menu.

policy      the port: View, Step, Reply, Policy
dialogue    a View out of a chat's messages, as a served policy receives them
chat        any ChatModel (scripted models too)
kg          the algorithmic policy; evidence, likelihood, beliefs, selection and wording are its parts
catalogue   open_policy: a policy by its name
"""

from .catalogue import POLICIES, open_policy
from .policy import Policy, Reply, Step, View

__all__ = ["POLICIES", "Policy", "Reply", "Step", "View", "open_policy"]
