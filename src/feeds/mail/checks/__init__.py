"""Whether the world will believe our letters: what DNS says of our domains, hosts and keys."""
