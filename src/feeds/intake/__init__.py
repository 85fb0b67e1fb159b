"""The way of a bulletin: a file in the inbox becomes rows and a receipt.

In: files of the watched folder, or files that somebody names. Out: items, revisions and receipts,
stored in one transaction, and the file filed beside its receipt. It must not know how items are
published or mailed.
"""
