"""A session on its way through the cluster."""


class Session:
    """Where a session is, and what its round has in KV cache on its worker.

    What stays there between two rounds are entries of the workers' memories, `histories`.

    `stage` is one of: coming, refused, idle (in a tool call), waiting (released, in a queue),
    active (its prefill has been selected, or it decodes), ended.
    """

    def __init__(self, index, script):
        self.index = index
        self.script = script
        self.stage = "coming"
        self.worker = None
        self.able = None
        self.round = -1
        self.kv_tokens = 0
        self.blocks = 0
        self.histories = []
        self.used_segments = []
        self.counted_blocks = 0
        self.generated = 0
        self.gaps = []
        self.increment_came = None
        self.found = None
        self.to_copy = 0
        self.is_copied_for_step = False
        self.copied_at = None
        self.target = None
        self.is_local = False
        self.release_order = None
        self.released = None
        self.admitted = None
        self.is_begun = False
        self.prefill_started = None
        self.prefill_ended = None
        self.first_token = None
        self.last_token_ticks = None
        self.last_token = None
        self.was_preempted = False
        self.counts_as_preempted = False
        self.is_pinned = False
        self.lost_history = False
        self.round_ended = None
        self.queued_at = None
        self.expected = None
        self.expected_tokens = None
        self.expected_transfers = None
        self.postponements = 0
        self.children = []
        self.delay_ends = None
        self.is_over = False

    @property
    def prompt(self):
        """Tokens of the whole prompt of this round."""
        return self.script.prompt(self.round)

    @property
    def history(self):
        """Tokens of what the prompt keeps of the conversation that had their KV cache when the round
        before ended: all but the last of its answer."""
        last = self.round > 0 and self.script.keeps_all(self.round)
        return self.script.said_before(self.round) - last

    @property
    def to_prefill(self):
        """Everything that must have its KV cache before the next token can be sampled."""
        return self.prompt + self.generated

    @property
    def increment(self):
        return self.to_prefill - self.resident

    @property
    def resident(self):
        """Tokens of the prompt with KV cache on the worker: until it is let in, what it finds."""
        return self.resident_on(self.worker)

    def resident_on(self, worker):
        return self.kv_tokens if self.stage == "active" else worker.memory.resident(self)

    @property
    def used_blocks(self):
        """Of the shared segments that the round uses."""
        return sum(segment.blocks for segment in self.used_segments)

    @property
    def tool(self):
        """The name of the tool that the round calls at its end, if it has one."""
        return self.script.tools[self.round] if self.script.tools else None

    @property
    def output_tokens(self):
        return self.script.rounds[self.round].output_tokens

    @property
    def is_last_round(self):
        return self.round == len(self.script.rounds) - 1
