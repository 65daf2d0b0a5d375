"""Growing trajectories: policies that take turns in an environment, and whole episodes.

policies   who takes the turns: ``kg`` (the knowledge graph), ``chat`` (a language model), ``scripted``
episode    one policy through one environment, with one repair of an answer that cannot be read
"""

# Here, and not beside the policy, so that a page can name it without loading what it computes with.
KG_VERSION = "0.2"
KG_LABEL = f"Knowledge-graph policy (kg {KG_VERSION})"
