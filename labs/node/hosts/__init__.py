"""What runs a node. Student code imports nothing from here.

loop.py       an event loop in virtual time, stepped from outside
control.py    the frames between a node's process and the cluster that holds its clock and network
process.py    a node in a process of its own, under a cluster
guard.py      time, chance and files of such a process, under the cluster's control
zygote.py     the warm process from which those are forked
lockdown.py   the limits that such a process puts on itself
load.py       finds a class in the files of a root
problems.py   turns an exception into one sentence that names file, line and remedy
stall.py      notices, by the clock on the wall, that a program holds up its event loop

Without a grader, on the clock on the wall:

local.py      nodes as tasks of one event loop
tcp.py        nodes that talk over TCP
stdio.py      a node under Maelstrom, on standard input and output
crew.py       the nodes of a real job, as tasks, as threads, or
processes.py  as processes
parcel.py     packs a class for another process, from a file or a notebook
real.py       what these have in common
"""
