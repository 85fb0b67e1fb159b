"""One module per revision, ``vNNNN_what.py``; a revision that was released is never edited."""
