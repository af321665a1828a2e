"""The parts of one node, and what they say about it together."""

from standin.node.base.runtime import Runtime
from standin.node.master.election import Election
from standin.node.master.heartbeat import Heartbeats
from standin.node.shard.collection import Collection
from standin.node.shard.owner import ShardOwner
from standin.node.shard.webhooks import Webhooks


class Parts:
    """One coreapp, master or single instance."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.heartbeats = Heartbeats(runtime)
        self.election = Election(runtime, self.heartbeats) if runtime.node.kind == "master" else None
        self.webhooks = Webhooks(runtime)
        self.collection = Collection(runtime, self.webhooks)
        self.owner = ShardOwner(runtime, self.webhooks) if runtime.node.serves else None

    @property
    def role(self) -> str:
        """The role as /v1/health names it."""
        if self.runtime.node.kind == "coreapp":
            return "coreapp"
        return "primary_master" if self.primary else "secondary_master"

    @property
    def single(self) -> bool:
        """This node is an installation of its own."""
        return self.runtime.node.kind == "single"

    @property
    def primary(self) -> bool:
        """This node is the primary master now, or does its work alone."""
        return self.single or (self.election is not None and self.election.primary)

    @property
    def gateway_status(self) -> str | None:
        """The status as /v1/health names it, None when the node is not ready to say."""
        if not self.runtime.initialized:
            return "uninitialized"
        if self.runtime.account is None:
            return "unregistered" if self.primary else None
        if self.owner and self.owner.holding:
            return self.owner.holding.link.status
        return self.election.control_status if self.election else "disconnected"

    @property
    def shard_ranges(self) -> list[list[int]]:
        """First and last number of the shards that this node serves, the control shard being -1."""
        account = self.runtime.account
        several = account is not None and account.shards > 1
        if self.owner and self.owner.holding and self.owner.holding.fence.held:
            shard = self.owner.holding.shard
            return [[shard, shard]] if several else [[-1, -1], [shard, shard]]
        return [[-1, -1]] if several and self.primary else []
