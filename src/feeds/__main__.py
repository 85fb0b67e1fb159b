"""`python -m feeds` is the same as `feeds`."""

from feeds.cli import main

main()
