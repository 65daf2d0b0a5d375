"""Growing trajectories: policies that take turns in an environment, and whole episodes.

policies   who takes the turns: ``kg`` (the knowledge graph), ``chat`` (a language model), ``scripted``
episode    one policy through one environment, with one repair of an answer that cannot be read
"""
