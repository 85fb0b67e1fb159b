"""The way of a letter: queued deliveries and notices go out, and what the server says is recorded.

In: rows that wait. Out: letters on the wire and their receipts. It must not know why a letter was written.
"""
