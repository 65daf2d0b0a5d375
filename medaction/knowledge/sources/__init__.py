"""Readers of the graph's inputs, each parsing one published or authored file into plain records."""
