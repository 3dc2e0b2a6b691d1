"""Decides whether a history fits a model: histories and models, and nothing of clusters."""
