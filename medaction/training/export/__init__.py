"""A finished training in the forms that servers load: GGUF for llama.cpp, merged safetensors for vLLM and the rest.

architectures   what llama.cpp calls a tensor, and how it orders the rows that rotary embedding pairs
vocabulary      a tokenizer as GGUF metadata
adapter, merged, folder   the three products
"""
