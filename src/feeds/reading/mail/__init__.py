"""A mail that was saved as a file: its text, subject and date."""
