"""The way of an item to its readers on the web: what changed becomes feeds and pages on disk.

In: changes of stored items. Out: files of a public folder. It must not know bulletins, subscribers or mail.
"""
