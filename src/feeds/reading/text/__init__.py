"""Lines of text: which are dates, which head an item, how the text is cut into items."""
