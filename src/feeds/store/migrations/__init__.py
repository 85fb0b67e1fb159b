"""The history of the schema, run by `feeds migrate` (see store/migrating.py)."""
