"""Shared segments of prompts on one serving worker: section "KV caches"."""


class Segment:
    """The whole blocks of a segment on a worker, and how many rounds use them."""

    def __init__(self, index, blocks):
        self.index = index
        self.blocks = blocks
        self.users = 0


class SharedSegments:
    def __init__(self, memory):
        self.memory = memory
        self.scenario = memory.cluster.scenario
        self.here = {}

    def list(self, session):
        """The segments with which the session's prompts begin, first to last."""
        found, segment = [], session.script.prefix
        while segment is not None:
            found.insert(0, segment)
            segment = self.scenario.segments[segment].predecessor
        return found

    def end(self, index):
        """Tokens up to the end of a segment, in whole blocks."""
        size = self.scenario.block_size
        return self.scenario.segments[index].end // size * size

    def hit(self, session):
        """The longest run of segments from the first on that are here."""
        found = []
        for index in self.list(session):
            if index not in self.here or self.end(index) >= session.to_prefill:
                break
            found.append(self.here[index])
        return found

    def resident(self, session, own):
        found = self.hit(session)
        shared = self.end(found[-1].index) if found else 0
        return max(own, shared) if len(found) == len(self.list(session)) else shared

    def use(self, segment, session):
        if segment.users == 0:
            self.memory.idle.remove(segment)
        segment.users += 1
        session.used_segments.append(segment)

    def share(self, session, tokens):
        """The segments within the first tokens of a complete prompt are there for others."""
        for index in self.list(session)[len(session.used_segments):]:
            if self.end(index) > tokens:
                break
            predecessor = self.scenario.segments[index].predecessor
            start = 0 if predecessor is None else self.end(predecessor)
            blocks = (self.end(index) - start) // self.scenario.block_size
            session.blocks -= blocks
            if index in self.here:
                self.use(self.here[index], session)
            else:
                self.here[index] = Segment(index, blocks)
                self.here[index].users = 1
                session.used_segments.append(self.here[index])

    def leave(self, session):
        for segment in reversed(session.used_segments):
            segment.users -= 1
            if segment.users == 0:
                self.memory.idle.append(segment)
        session.used_segments = []
