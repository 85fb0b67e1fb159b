"""HTML and Markdown become rows: blocks of text with headings and links, and the head of a file."""
