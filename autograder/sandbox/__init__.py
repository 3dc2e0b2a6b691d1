"""The sandbox: what keeps a node from the grader, from other nodes, from files and from the network.

A node gets a socket to its cluster and what Python is made of, and nothing else. By what means depends
on the machine; a `Rung` is one set of them. The zygote tries them, the best first, and its nodes do
them to themselves (`labs.node.hosts.confine`).
"""

from autograder.sandbox.rungs import BEST, RUNGS, Rung, confinements
from autograder.sandbox.scratch import scratch_folder

__all__ = ["BEST", "RUNGS", "Rung", "confinements", "scratch_folder"]
