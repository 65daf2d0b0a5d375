"""What our client needs of a model server, asked of a real one: the embedded server, or the one that VLLM_URL names."""
