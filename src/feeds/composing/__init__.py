"""What is due: wishes and new items become digests and a delivery for each member.

In: audiences and announced items. Out: rows of digests and deliveries. It must not know how a letter travels.
"""
