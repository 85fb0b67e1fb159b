"""What the press office may do to items after they were announced: correct, label anew, withdraw.

One transaction each; the command line and the desk call the same functions.
"""
