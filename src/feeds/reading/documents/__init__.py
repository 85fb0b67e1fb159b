"""Word and PDF documents become HTML and text."""
