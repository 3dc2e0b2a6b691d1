"""Maelstrom's workloads on our cluster: what clients ask, what may go wrong meanwhile, what must hold.

workload.py   what a workload is; workloads/ has one in each file
protocol.py   a request of the protocol, and the reply that it must get
client.py     one client: it asks one node, one thing at a time, and its operations are in the history
load.py       how many nodes and clients, how fast, how long
drive.py      puts a workload on a cluster
faults.py     what happens to nodes and links meanwhile
services.py   the stores that nodes may use: lin-kv, seq-kv, lww-kv, lin-tso
latency.py    how long messages between servers take
topology.py   which neighbours a node is told
net.py        how many messages an operation took
demands.py    what the protocol demands of every message of a node
options.py    what `autograder gossip test` is asked for
trial.py      runs it
results.py    what came of it, in Maelstrom's fields
show.py       prints and writes that
"""
