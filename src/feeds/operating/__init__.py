"""What the operator is told: how each pass goes, what waits, what is wrong."""
