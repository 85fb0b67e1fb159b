"""The way of a bulletin: a file in the inbox becomes rows and a receipt.

In: files of the watched folder, or files that somebody names. Out: items, revisions and receipts,
stored in one transaction, and the file filed beside its receipt. It must not know how items are
published or mailed.

The way, from file to receipt:

- `folders`: a watched folder with what taking its files in needs; what a pass remembers and reports.
- `ingest`: the pass. Which files are ready, in which parts they go on, and what happens if one fails.
- `examining`: a file's bytes are read and labelled, the database not yet asked.
- `limited_reading`, `limits`, `reading_child`: costly files are read in a process of their own.
- `planning`: what is to be written for the files of a part is decided from one look at the database:
  `batch_decider`, `file_decider` say what becomes of each file and each of its drafts, as values (`writes`,
  `stored_items`).
- `acceptance`: if all is still so, that is written in one transaction.
- `filing`: the file moves to done/, rejected/ or held/, with its receipt; `receipts` mails that.
- `dropping`, `mending`: a bulletin that comes in at the desk and waits; its text and labels, mended while it
  is held. `previewing`: what would become of it if it were let go now.
- `failing`: a file on which the program fails is tried again, and at the third time refused;
  the tries at costly ones are counted before.
- `releasing`, `undoing`: a held bulletin is taken in when its time has come, or taken back.
"""
