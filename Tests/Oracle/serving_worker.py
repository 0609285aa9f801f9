"""A serving worker: section "Serving workers"."""

import batch
import prompts
from ahead import Sight
from costs import TICKS_PER_NANOSECOND, nearest, whole_nanoseconds
from experience import Experience
from gate import Gate
from host import HostMemory
from memory import Memory


class ServingWorker:
    def __init__(self, cluster, index, costs, node, capacity_tokens):
        self.cluster = cluster
        self.index = index
        self.ranks = [self]
        self.costs = costs
        self.node = node
        self.capacity_tokens = capacity_tokens
        self.host = HostMemory(self)
        self.memory = Memory(self, capacity_tokens // cluster.scenario.block_size, self.host)
        self.memory_queue = []
        self.queue = []
        self.joining = []
        self.aside = []
        self.batch = []
        self.unfinished = []
        self.chunks = []
        self.decoding = []
        self.running = []
        self.first_local_waits_for_memory = False
        self.has_news = False
        self.step = None
        self.started = None
        self.end = None
        self.end_ticks = None
        self.step_length = 0
        self.last_step_ticks = 0
        self.last_decode_end_ticks = None
        self.ended = None
        self.sight = Sight(self)
        self.gate = Gate(self)
        self.itl_window = None
        self.experience = Experience()
        self.judged = None

    # What others see.

    def queued_work(self):
        return sum(s.expected for s in self.queue)

    def prompt_tokens_ahead(self):
        """Of prompts that wait or are begun, without those of the present step."""
        begun = sum(s.increment for s in self.unfinished)
        taken = sum(tokens for _, tokens in self.chunks)
        return sum(s.expected_tokens for s in self.queue) + begun - taken

    def prefill_end(self):
        """Of a step that computes prompts alone."""
        return self.end if self.step == "prefill" else None

    # Queues.

    def enqueue(self, session, now, first=False):
        session.queued_at = now
        session.expected = nearest(self.costs.prefill([(session.resident, session.increment)]))
        session.expected_tokens = session.increment
        session.expected_transfers = 0
        session.postponements = 0
        self.has_news = True
        self.queue.insert(0 if first else len(self.queue), session)

    def memory_is_free(self, now):
        """Who waits for memory is looked at again."""
        self.admit(now)
        self.has_news |= bool(self.queue)

    def admit(self, now):
        """Lets rounds for prefill workers in, first come first served; true where one came in."""
        samples_last = self.cluster.scenario.first_token_site == "decode"
        found = False
        while self.memory_queue and not self.first_local_waits_for_memory:
            session = self.memory_queue[0]
            if not self.memory.let_in(session, session.to_prefill - samples_last):
                break
            self.memory_queue.pop(0)
            session.admitted = now
            if not self.host.copies(session, now, is_local=False):
                self.cluster.admitted(session, now)
            found = True
        return found

    # Steps.

    def begin(self, now):
        """Begins a step with all ranks of the engine if one of them can; true where that changed
        anything."""
        ranks = self.ranks
        if ranks[0] is not self or self.step or not any(rank.has_news for rank in ranks):
            return False
        self.gate.form(now)
        for rank in ranks:
            # A round that gave way at this boundary has been looked at again.
            rank.has_news = False
        self.start_together(now)
        found = [rank.admit(now) for rank in ranks]
        return self.step is not None or any(found)

    def form(self, now):
        """Forms a step; true where that has to be done anew."""
        preempted = []
        self.decoding = []
        holds = self.ranks[0].gate.holds_prompts
        if self.cluster.scenario.mixes_steps:
            preempted = batch.join_and_grow(self, now)
            if holds:
                prompts.leave(self)
            else:
                prompts.take_chunks(self, now, not preempted or not self.batch)
        else:
            if holds:
                prompts.leave(self)
            if holds or not prompts.take_whole(self, now):
                preempted = batch.join_and_grow(self, now)
        return bool(preempted) and not self.decoding and not self.chunks

    def seats(self):
        """Seats that neither the batch nor unfinished prompts take."""
        return self.cluster.scenario.max_sequences - len(self.batch) - len(self.unfinished)

    def seats_for_prompts(self):
        """Those that nobody who waits for one will take."""
        return self.seats() - len(self.joining) - len(self.aside)

    def start_together(self, now):
        """Starts what the ranks have formed; all steps end with the longest, and what the ranks
        compute together takes the tokens of all."""
        ranks = self.ranks
        if not any(rank.decoding or rank.chunks for rank in ranks):
            return
        decodes = any(rank.decoding for rank in ranks)
        start = self.start_ticks(now) if decodes else now * TICKS_PER_NANOSECOND
        end_ticks = start + max(0, max(rank.length() - rank.shared_ticks([rank]) for rank in ranks))
        end_ticks += self.shared_ticks(ranks)
        for rank in ranks:
            rank.step_length = end_ticks - start
            rank.start(now, end_ticks, decodes)

    def length(self):
        """Ticks of the step that was formed, alone."""
        work = [(s.kv_tokens, tokens) for s, tokens in self.chunks]
        if self.decoding:
            return self.step_ticks(work)
        return nearest(self.costs.prefill(work)) * TICKS_PER_NANOSECOND if work else 0

    def shared_ticks(self, ranks):
        """Ticks of what ranks compute together, were these all."""
        batch = sum(len(rank.batch) for rank in ranks if rank.decoding)
        tokens = sum(tokens for rank in ranks for _, tokens in rank.chunks)
        return nearest(self.costs.shared(batch, tokens) * TICKS_PER_NANOSECOND)

    def start(self, now, end_ticks, decodes):
        for session, _ in self.chunks:
            if session.generated == 0 and not session.is_begun:
                session.prefill_started = now
                if session.lost_history:
                    session.lost_history = False
                    self.experience.prefill_began(now - session.released)
            session.is_begun = True
        self.started = now
        self.end_ticks = end_ticks
        self.end = whole_nanoseconds(end_ticks)
        self.step = "decode" if self.decoding or decodes and not self.chunks else "prefill"
        if decodes:
            self.last_decode_end_ticks = end_ticks
        self.cluster.schedule(self.end, "step_end", self)

    def start_ticks(self, now):
        last = self.last_decode_end_ticks
        if last is not None and whole_nanoseconds(last) == now:
            return last
        return now * TICKS_PER_NANOSECOND

    def step_ticks(self, work):
        """Ticks of a decode step, with chunks of (history, tokens) beside the batch."""
        added = self.costs.added_to_decode(work, len(self.batch)) if work else 0
        return self.decode_ticks() + nearest(added * TICKS_PER_NANOSECOND)

    def decode_ticks(self):
        """Ticks of the next decode step of the batch alone."""
        contexts = [s.kv_tokens + 1 for s in self.batch]
        costs = self.costs
        return costs.decode_ticks(len(contexts), sum(contexts)) + costs.spread_ticks(contexts)

    def step_ended(self, now):
        is_prefill = self.step == "prefill"
        whole = (now - self.started) * TICKS_PER_NANOSECOND
        self.last_step_ticks = whole if is_prefill else self.step_length
        self.step = None
        self.ended = now
        self.has_news = True
        decoded, chunks = self.decoding, self.chunks
        self.chunks = []
        for session in decoded:
            session.kv_tokens += 1
            self.cluster.show_token(session, now, self.end_ticks)
        self.end_rounds(sorted(decoded, key=lambda s: s.index), now)
        for session, tokens in chunks:
            session.kv_tokens += tokens
            if session.increment == 0:
                self.prompt_ended(session, now)

    def prompt_ended(self, session, now):
        self.unfinished.remove(session)
        self.running.remove(session)
        self.memory.shared.share(session, session.kv_tokens)
        session.is_begun = False
        if session.generated == 0:
            session.prefill_ended = now
        self.cluster.show_token(session, now, None)
        if session.generated < session.output_tokens:
            session.increment_came = None
            self.joining.append(session)
        else:
            self.cluster.round_ended(session, now)

    def end_rounds(self, sessions, now):
        for session in sessions:
            if session.generated == session.output_tokens:
                self.batch.remove(session)
                self.running.remove(session)
                self.cluster.round_ended(session, now)
