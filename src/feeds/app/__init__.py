"""Where everything is wired: parts from settings, and the running service."""

ROLES = ("watch", "schedule", "deliver", "web")
# Those that serve or fill a public folder.
PUBLISHING = frozenset({"watch", "web"})
