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
        return self.scenario.shared_beginning(session)

    def end(self, index):
        return self.scenario.end_of_segment(index)

    def hit(self, session):
        """The longest run of segments from the first on that are here."""
        found = []
        for index in self.list(session):
            if index not in self.here or self.end(index) >= session.to_prefill:
                break
            found.append(self.here[index])
        return found

    def reach(self, session):
        """The numbers of the hit's segments, and of those behind it that host memory has."""
        found = [segment.index for segment in self.hit(session)]
        for index in self.list(session)[len(found):]:
            if not self.memory.host.has_segment(index) or self.end(index) >= session.to_prefill:
                break
            found.append(index)
        return found

    def tokens(self, indices):
        return self.end(indices[-1]) if indices else 0

    def resident(self, session, own):
        """Tokens of a prompt, with those that host memory has."""
        return self.of_use(session, own, self.reach(session))

    def on_gpus(self, session, own):
        return self.of_use(session, own, [segment.index for segment in self.hit(session)])

    def of_use(self, session, own, found):
        """The session's own are of use only behind the whole of what it shares."""
        shared = self.tokens(found)
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
            blocks = self.scenario.blocks_of_segment(index)
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
