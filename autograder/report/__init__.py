"""Reports: what a grade looks like to its readers. All of them are made from the verdicts' JSON."""
