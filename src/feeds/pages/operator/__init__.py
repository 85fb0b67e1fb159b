"""The operator's pages: how the site goes, at a glance (pure)."""
