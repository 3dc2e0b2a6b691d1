"""The course as a book: chapters in MyST, the programs that they run, and figures to play with."""
