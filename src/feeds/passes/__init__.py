"""The four passes: ingest, publish, compose, deliver.

One pass = one function = one command = one tick. Each does all the work there
is, can be killed at any line and run again, and returns a report. Rules come
from the floors below; here stands only their order and the transactions.
"""
