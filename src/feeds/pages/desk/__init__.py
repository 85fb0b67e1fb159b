"""The press desk in words: what came in, one bulletin, what may be done with it (pure).

Every page tells what a button will do, and how many people it reaches, before it is pressed.
"""
