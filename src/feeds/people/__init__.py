"""What a person may do: subscribe, change, leave, come back. One transaction each.

The web, the command line and imports call the same functions.
"""
