"""MapReduce (Dean and Ghemawat, OSDI 2004)."""
