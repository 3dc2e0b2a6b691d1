"""Nodes under test, the network between them and the clock above them."""

from autograder.cluster.cluster import Cluster
from autograder.cluster.errors import HarnessFault, NodeFault

__all__ = ["Cluster", "HarnessFault", "NodeFault"]
