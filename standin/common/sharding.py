"""Which shard a recipient belongs to.

A recipient has a slot for ever; every allowed number of shards divides the number of slots, so that nothing stored has
to be rewritten when the number of shards changes.
"""

import hashlib

SLOTS = 32


def slot_of(recipient: str) -> int:
    """The slot (0 to 31) of a WhatsApp id, with or without a leading plus sign."""
    return hashlib.sha256(recipient.lstrip("+").encode()).digest()[0] % SLOTS


def shard_of(slot: int, shards: int) -> int:
    """The shard that a slot belongs to."""
    return slot % shards


def slots_of(shard: int, shards: int) -> list[int]:
    """The slots of a shard."""
    return [slot for slot in range(SLOTS) if shard_of(slot, shards) == shard]
