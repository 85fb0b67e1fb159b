"""Where everything is wired: parts from settings, and the running service."""

ROLES = ("watch", "schedule", "deliver", "web")
