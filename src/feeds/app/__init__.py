"""Where everything is wired (floor 5): parts from settings, and the running service."""
