"""Section "Jobs": which session starts which, when each is over, and when the next job comes."""


class Jobs:
    def __init__(self, cluster, sessions):
        self.cluster = cluster
        self.sessions = sessions
        self.under_way = 0
        self.roots = [s for s in sessions if s.script.started_by is None]
        self.next_root = 0
        self.is_pending = False

    def children(self, session, round_index):
        key = [session.index, round_index]
        return [s for s in self.sessions if s.script.started_by == key]

    def schedule_next(self, now):
        """Schedules the arrival of the next job, unless as many as may be are under way."""
        limit = self.cluster.scenario.concurrency
        if self.is_pending or self.next_root == len(self.roots):
            return
        if limit is not None and self.under_way >= limit:
            return
        root = self.roots[self.next_root]
        self.next_root += 1
        self.is_pending = True
        self.cluster.schedule(max(now, root.script.arrival), "arrival", root)

    def arrived(self, session, now):
        if session.script.started_by is None:
            self.is_pending = False
            self.under_way += 1
            self.schedule_next(now)

    def round_ended(self, session, now):
        """Starts the children of a round, and the delay of the next one."""
        session.children = self.children(session, session.round)
        session.delay_ends = now
        if not session.is_last_round:
            session.delay_ends += session.script.rounds[session.round].delay_after
        for child in session.children:
            self.cluster.schedule(now, "arrival", child)
        self.go_on(session, now)

    def go_on(self, session, now):
        """What follows the end of a round once all its children are over."""
        if any(not child.is_over for child in session.children):
            return
        if session.is_last_round:
            self.over(session, now)
        else:
            self.cluster.schedule(max(now, session.delay_ends), "release", session)

    def over(self, session, now):
        session.is_over = True
        start = session.script.started_by
        if start is None:
            latency = self.cluster.scenario.latency(session)
            if self.cluster.scenario.concurrency is None or latency == 0:
                self.place_freed(now)
            else:
                self.cluster.schedule(now + latency, "place_freed", self)
        else:
            self.go_on(self.sessions[start[0]], now)

    def place_freed(self, now):
        self.under_way -= 1
        self.schedule_next(now)

    def refused(self, session):
        """The session, and all that it would have started."""
        found = [session]
        for each in found:
            found += [s for s in self.sessions
                      if s.script.started_by and s.script.started_by[0] == each.index]
        return found
