"""What runs a node. Student code imports nothing from here.

loop.py       an event loop in virtual time, stepped from outside
control.py    the frames between a node's process and the cluster that holds its clock and network
process.py    a node in a process of its own, under a cluster
guard.py      time, chance and files of such a process, under the cluster's control
zygote.py     the warm process from which those are forked
load.py       finds a class in the files of a root
problems.py   turns an exception into one sentence that names file, line and remedy
"""
