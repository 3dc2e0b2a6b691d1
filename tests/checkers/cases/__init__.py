"""Histories that were written by hand: a name, the model, the verdict, and the operations."""
