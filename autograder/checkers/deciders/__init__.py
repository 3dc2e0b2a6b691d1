"""Deciders: what knows in near-linear time, for one data type, whether a history is linearizable."""
