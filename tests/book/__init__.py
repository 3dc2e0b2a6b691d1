"""The book as its readers have it: chapters that run, a site that is read in a browser."""
