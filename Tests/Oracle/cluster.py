"""Simulated time: section "A session's life"."""

import pins
import routing
from costs import TICKS_PER_NANOSECOND
from dispatch import Dispatch
from events import Events
from jobs import Jobs
from observation import Noticeboard, Window
from prefill_worker import PrefillWorker
from serving_worker import ServingWorker
from session import Session
from transfers import Transfers


class Cluster:
    def __init__(self, scenario):
        self.scenario = scenario
        self.prefill_workers = [
            PrefillWorker(self, index, *each) for index, each in enumerate(scenario.prefill)]
        self.serving_workers = [
            ServingWorker(self, index, *each) for index, each in enumerate(scenario.serving)]
        count = scenario.data_parallel_ranks
        for worker in self.serving_workers:
            first = worker.index - worker.index % count
            worker.ranks = self.serving_workers[first:first + count]
        self.shared_queue = []
        for worker in self.prefill_workers:
            worker.ttft_window = Window(scenario.policy.window)
        for worker in self.serving_workers:
            worker.itl_window = Window(scenario.policy.window)
        self.noticeboard = Noticeboard(self)
        self.events = Events()
        self.schedule = self.events.schedule
        self.cancel = self.events.cancel
        self.releases = 0
        self.release_times = []
        self.rounds = []
        self.gaps = {}
        self.loaded_tokens = 0
        self.evictions = 0
        self.preemptions = 0
        self.refused = []
        self.transfers = Transfers(self)
        self.dispatch = Dispatch(self)
        sessions = [Session(index, script) for index, script in enumerate(scenario.sessions)]
        self.jobs = Jobs(self, sessions)
        self.jobs.schedule_next(0)

    # Events.

    def run(self):
        while (time := self.events.next_time()) is not None:
            self.instant(time)

    def instant(self, now):
        """Everything that happens at one time."""
        while True:
            event = self.events.take(now)
            if event is not None:
                self.handle(*event, now)
            elif not self.begin(now):
                break
        self.noticeboard.end_of_instant(now)

    def begin(self, now):
        """Each worker begins what it can, once all before it have; true where one did."""
        began = False
        for worker in self.prefill_workers + self.serving_workers:
            while worker.begin(now):
                began = True
        return began

    def handle(self, kind, subject, now):
        if kind == "step_end":
            subject.step_ended(now)
        elif kind == "computation_end":
            subject.computation_ended(now)
        elif kind == "history":
            self.transfers.arrived(subject, now)
            subject.subject.history_arrived()
        elif kind == "increment":
            self.transfers.arrived(subject, now)
            self.increment_arrived(subject.subject, now)
        elif kind == "copy":
            subject.worker.host.copy_ended(subject, now)
        elif kind == "bytes":
            self.transfers.bytes_begin(subject, now)
        elif kind == "release":
            self.release(subject, now)
        elif kind == "pin_end":
            subject.memory.unpin(subject, now)
        elif kind == "place_freed":
            subject.place_freed(now)
        else:
            self.arrive(subject, now)

    # A session's life.

    def arrive(self, session, now):
        self.jobs.arrived(session, now)
        needed = self.scenario.blocks(session.script.longest_context, session.script)
        able = [w for w in self.serving_workers if needed <= w.memory.capacity]
        if not able:
            session.stage = "refused"
            self.refused += self.jobs.refused(session)
            self.jobs.over(session, now)
            return
        session.able = able
        self.release(session, now)

    def bind(self, session, now):
        """Chooses the worker of a session or, where rounds are dispatched one by one, a round."""
        if session.worker is None or self.dispatch.is_per_round:
            self.move(session, self.dispatch.choose(session, self.noticeboard.look(now)))

    def move(self, session, worker):
        if session.worker is not None:
            session.worker.memory.bound.remove(session)
        session.worker = worker
        worker.memory.bound.append(session)

    def release(self, session, now):
        self.releases += 1
        self.release_times.append(now)
        if session.round >= 0:
            duration = now - session.round_ended
            session.worker.experience.call_ended(session.tool, duration)
        session.round += 1
        session.generated = 0
        session.lost_history = False
        if not session.script.keeps_all(session.round):
            self.shorten(session, session.script.said_before(session.round), now)
        self.bind(session, now)
        session.worker.memory.take_back(session)
        session.stage = "waiting"
        session.release_order = self.releases
        session.released = now
        session.gaps = []
        session.found = None
        session.first_token = session.admitted = None
        session.was_preempted = session.counts_as_preempted = False
        session.counted_blocks = self.scenario.blocks(session.prompt, session.script)
        session.is_local, session.target = routing.route(self, session, now)
        if session.is_local:
            session.worker.enqueue(session, now)
        else:
            session.worker.memory_queue.append(session)
            session.worker.admit(now)

    def shorten(self, session, kept, now):
        """What is held of a session behind the first tokens is given up, the newest entries first."""
        for worker in self.prefill_workers:
            worker.cache.shorten(session, kept)
        for worker in self.serving_workers:
            worker.host.shorten(session, kept)
        for entry in reversed(session.histories[:]):
            entry.memory.shorten(session, kept, now)

    def admitted(self, session, now):
        """A round has its memory and enters the queue of its prefill worker."""
        if self.scenario.policy.shares_queue:
            session.expected = 0
            self.shared_queue.append(session)
        else:
            session.target.enqueue(session, now)

    def increment_arrived(self, session, now):
        session.kv_tokens = session.prompt
        site = self.scenario.first_token_site
        if site == "decode":
            session.kv_tokens -= 1
        if site == "prefill_shipped":
            self.show_token(session, now, None)
        session.worker.memory.shared.share(session, session.kv_tokens)
        if session.generated == session.output_tokens:
            self.round_ended(session, now)
        else:
            session.increment_came = now
            session.worker.joining.append(session)
        session.worker.has_news = True

    def show_token(self, session, now, exact):
        """A token appears, at the exact end of its step where a batch sampled it."""
        ticks = now * TICKS_PER_NANOSECOND if exact is None else exact
        session.generated += 1
        if session.generated == 1:
            session.first_token = now
            if session.target is not None:
                sample = now - session.released + self.scenario.latency(session)
                session.target.ttft_window.add(now, sample)
        else:
            session.gaps.append(ticks - session.last_token_ticks)
            if not session.was_preempted:
                session.worker.itl_window.add(now, session.gaps[-1])
        session.was_preempted = False
        session.last_token_ticks, session.last_token = ticks, now

    def round_ended(self, session, now):
        self.report(session)
        session.round_ended = now
        if session.is_last_round:
            self.leave(session, now)
        else:
            session.stage = "idle"
            shared = session.used_blocks
            session.worker.memory.keep(session, now, pins.duration(session, now))
            entry = session.worker.memory.history(session)
            session.counted_blocks = shared + (entry.blocks if entry else 0)
        self.jobs.round_ended(session, now)
        session.worker.admit(now)

    def leave(self, session, now):
        """After the last round nothing stays, on its own worker or, last used first, on others."""
        session.stage = "ended"
        session.worker.experience.session_ended(len(session.script.rounds))
        session.counted_blocks = 0
        for worker in self.prefill_workers:
            worker.cache.forget(session)
        for worker in self.serving_workers:
            worker.host.forget(session)
        session.worker.memory.forget(session)
        session.worker.memory.bound.remove(session)
        for entry in reversed(session.histories[:]):
            entry.memory.drop(entry)
            entry.memory.worker.memory_is_free(now)

    # Memory that was lost.

    def preempted(self, session, now):
        self.preemptions += 1
        session.stage = "waiting"
        session.was_preempted = session.generated > 0
        session.counts_as_preempted = True
        if session.was_preempted:
            session.last_token_ticks = session.last_token * TICKS_PER_NANOSECOND
        session.is_begun = False
        session.worker.enqueue(session, now, first=True)

    # What is reported.

    def report(self, session):
        ttft = session.first_token - session.released + self.scenario.latency(session)
        self.gaps[session.index, session.round] = session.gaps
        self.rounds.append({
            "session": session.index, "round": session.round, "released": session.released,
            "memory_wait": (session.admitted or session.released) - session.released,
            "prefill_started": session.prefill_started, "prefill_ended": session.prefill_ended,
            "ttft": ttft, "decode_time": session.last_token - session.first_token,
            "output_tokens": session.output_tokens, "serving_worker": session.worker.index,
            "prefill_worker": session.target.index if session.target else None})
