"""Section "Transfers": software path, then bytes that may share ports with others."""

from fractions import Fraction

from costs import TICKS_PER_NANOSECOND, nearest


class TransferCosts:
    """T_kv and its parts."""

    def __init__(self, document, block_size):
        self.latency = document["latency_ns"]
        self.per_block = document["per_block_ns"]
        self.bytes_per_token = document["bytes_per_token"]
        self.window_bytes = document.get("window_bytes", 0)
        self.window = document.get("window", 0)
        self.state_bytes = document.get("state_bytes", 0)
        self.intra = document.get("intra_node_bytes_per_second")
        self.inter = document["inter_node_bytes_per_second"]
        self.network_lanes = document["network_lanes"]
        self.shared = document["contention"] == "shared"
        self.block_size = block_size

    def software_path(self, tokens):
        """Nanoseconds before the first byte moves."""
        return self.latency + -(-tokens // self.block_size) * self.per_block

    def byte_time(self, tokens, first, second):
        """Nanoseconds alone on the links, in double precision in the order of the text."""
        lanes = float(min(first.costs.degree, second.costs.degree))
        if first.node == second.node:
            bandwidth = float("inf") if self.intra is None else float(self.intra)
        else:
            bandwidth = float(self.inter)
            lanes = min(lanes, float(self.network_lanes))
        moved = tokens * self.bytes_per_token + min(tokens, self.window) * self.window_bytes
        own = float(moved) * (1e9 / bandwidth) / lanes
        if tokens == 0 or self.state_bytes == 0:
            return own
        return own + float(self.state_bytes) * (1e9 / bandwidth) / lanes

    def time(self, tokens, first, second):
        """T_kv on idle links, as Eq. 2 and Algorithm 2 count it: not rounded."""
        if tokens == 0:
            return 0
        return self.software_path(tokens) + Fraction(self.byte_time(tokens, first, second))


class Transfer:
    def __init__(self, order, kind, subject, source, target):
        self.order = order
        self.kind = kind
        self.subject = subject
        self.is_intra = source.node == target.node
        self.ports = [("out", source, self.is_intra), ("in", target, self.is_intra)]
        self.rest = None
        self.since = None
        self.share = None


class Transfers:
    """All transfers under way; `moving` holds those whose bytes move over shared ports."""

    def __init__(self, cluster):
        self.cluster = cluster
        self.costs = cluster.scenario.transfer
        self.asked = 0
        self.moving = []

    def ask(self, kind, subject, tokens, source, target, now):
        """Starts to move the KV cache of some tokens, at least one."""
        self.asked += 1
        transfer = Transfer(self.asked, kind, subject, source, target)
        bytes_begin = now + self.costs.software_path(tokens)
        exact = Fraction(self.costs.byte_time(tokens, source, target))
        transfer.rest = nearest(exact * TICKS_PER_NANOSECOND)
        if transfer.rest > 0 and self.costs.shared:
            self.cluster.schedule(bytes_begin, "bytes", transfer)
        else:
            alone = -(-transfer.rest // TICKS_PER_NANOSECOND)
            self.cluster.schedule(bytes_begin + alone, kind, transfer)

    def bytes_begin(self, transfer, now):
        transfer.since = now
        self.moving.append(transfer)
        self.share_anew(now)

    def arrived(self, transfer, now):
        """Its last byte is there."""
        if transfer in self.moving:
            self.moving.remove(transfer)
            self.share_anew(now)

    def share_anew(self, now):
        """Gives each transfer whose share has become another its new last instant."""
        for transfer in self.moving:
            share = max(self.users(port) for port in transfer.ports)
            if share == transfer.share:
                continue
            if transfer.share is not None:
                moved = (now - transfer.since) * TICKS_PER_NANOSECOND // transfer.share
                transfer.rest -= min(transfer.rest, moved)
                self.cluster.cancel(transfer)
            transfer.share, transfer.since = share, now
            needed = -(-transfer.rest * share // TICKS_PER_NANOSECOND)
            self.cluster.schedule(now + needed, transfer.kind, transfer)

    def users(self, port):
        return sum(port in transfer.ports for transfer in self.moving)
