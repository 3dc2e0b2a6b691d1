"""Which isolation a history of transactions had, inferred from what clients saw of it.

Elle's way (Kingsbury and Alvaro, "Elle: Inferring Isolation Anomalies from Experimental Observations", VLDB
2020): every write has a value of its own, so a read tells which write it saw, and often which writes came
before and after. That gives the dependencies between transactions; a cycle of them is an anomaly in the
sense of Adya ("Weak Consistency", 1999).

levels.py       the anomalies, and which consistency model forbids which
transaction.py  a transaction of a history, and whether its reply has the right shape
observed.py     what can be seen in one read: values that nobody wrote, aborted or intermediate ones
lists.py        what reads of lists tell about the order of appends
registers.py    what reads of registers tell about the order of writes
versions.py     the order of one register's values, as far as it is known
converged.py    what must hold of the last reads, if the nodes promise to agree at the end
updates.py      lost updates
graph.py        dependencies between transactions
order.py        who had ended before who began: of one client, or of all
cycles.py       cycles, and what they are called
words.py        a cycle in words
judge.py        puts it together
"""

from autograder.checkers.transactions.judge import judge_transactions
from autograder.checkers.transactions.levels import LEVELS

__all__ = ["LEVELS", "judge_transactions"]
