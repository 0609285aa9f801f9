"""What a line of input says."""

import json
from fractions import Fraction

from costs import WorkerCosts
from host import HostCosts
from policy_table import PolicyTable
from transfers import TransferCosts


class RoundScript:
    def __init__(self, document):
        self.new_tokens, self.output_tokens, self.delay_after = document[:3]
        # Tokens of what was said before that the prompt still begins with; None for all.
        self.kept = document[3] if len(document) > 3 else None


class SessionScript:
    def __init__(self, document):
        self.arrival = document["arrival"]
        self.rounds = [RoundScript(each) for each in document["rounds"]]
        self.started_by = document.get("started_by")
        self.draws = document.get("draws")
        self.prefix = document.get("prefix")
        self.tools = document.get("tools")

    def prompt(self, index):
        """Tokens of a round's whole prompt: everything said before and what is new."""
        return self.said_before(index) + self.rounds[index].new_tokens

    def said_before(self, index):
        """Tokens of the history with which a round's prompt begins."""
        if index == 0:
            return 0
        before = self.prompt(index - 1) + self.rounds[index - 1].output_tokens
        kept = self.rounds[index].kept
        return before if kept is None else min(before, kept)

    def keeps_all(self, index):
        """Whether nothing of what was said before a round is missing in its prompt."""
        last = self.rounds[index - 1]
        return index == 0 or (
            self.said_before(index) == self.prompt(index - 1) + last.output_tokens)

    @property
    def longest_context(self):
        return max(
            self.prompt(index) + each.output_tokens for index, each in enumerate(self.rounds))


class SegmentScript:
    """A shared segment: what comes before it, and tokens of a prompt up to its end."""

    def __init__(self, tokens, predecessor, segments):
        self.predecessor = predecessor
        self.end = tokens + (0 if predecessor is None else segments[predecessor].end)


class Policy:
    """The named policy with its settings; times in nanoseconds."""

    def __init__(self, document):
        self.name = document["name"]
        self.dispatch = document["dispatch"]
        self.window = document["window_ns"]
        self.state_delay = document["state_delay_ns"]
        self.settings = document["settings"]
        self.table = PolicyTable(document.get("table", []), self.settings)
        self.token_cap = self.settings.get("decode_token_cap", 0)
        self.reads_ahead = self.name != "distserve"
        self.reorders = self.name in ("ampd", "ampd_reordering")
        self.shares_queue = self.name in ("always_remote_legacy", "dynamo_conditional_v0")

    def __getitem__(self, knob):
        return self.settings[knob]


MIXED_STEPS = {
    "colocated_v0": False, "colocated_v1": True, "dynamo_conditional_v0": True,
    "dynamo_conditional_v1": True, "kairos": True, "ppd": True, "infercept": True,
    "continuum_code": True, "continuum_v6": True}


class Scenario:
    def __init__(self, document):
        costs = [WorkerCosts(each) for each in document["costs"]]
        self.name = document["name"]
        self.prefill = [
            (costs[each["costs"]], each["node"], each.get("capacity_tokens"))
            for each in document["prefill"]]
        self.serving = [
            (costs[each["costs"]], each["node"], each["capacity_tokens"])
            for each in document["serving"]]
        self.transfer = TransferCosts(document["transfer"], document["block_size"])
        self.first_token = document["first_token_ns"]
        self.prompt_token = document.get("prompt_token_ns", 0)
        self.block_size = document["block_size"]
        self.window = document.get("window")
        self.state_blocks = document.get("state_blocks", 0)
        self.max_sequences = document["max_sequences"]
        self.token_budget = document["token_budget"]
        self.data_parallel_ranks = document.get("data_parallel_ranks", 1)
        self.prompt_balance = document.get("prompt_balance")
        self.prompt_pooling = document.get("prompt_pooling")
        self.receive_interval = document.get("receive_interval", 1)
        self.prefill_ranks = document.get("prefill_ranks", 1)
        self.async_scheduling = document.get("async_scheduling", False)
        self.prefill_batch_tokens = document["prefill_batch"].get("tokens")
        self.prefill_batch_tasks = document["prefill_batch"].get("tasks")
        self.first_token_site = document["first_token_site"]
        self.history_source = document["history_source"]
        self.least_history_read = document.get("least_history_read", 0)
        self.host = HostCosts(document["host"]) if document.get("host") else None
        self.retention = document["retention"]
        self.policy = Policy(document["policy"])
        is_chunked = document["local_prefill"] == "chunked"
        self.mixes_steps = MIXED_STEPS.get(self.policy.name, is_chunked)
        self.ttft_target = document["service"]["ttft_ns"]
        self.itl_target = document["service"]["itl_ns"]
        self.job_target = document["service"].get("job_ns")
        self.itl_stat = document["service"].get("itl_stat", "mean")
        self.sessions = [SessionScript(each) for each in document["sessions"]]
        self.concurrency = document.get("concurrency")
        self.segments = []
        for tokens, predecessor in document.get("segments", []):
            before = None if predecessor < 0 else predecessor
            self.segments.append(SegmentScript(tokens, before, self.segments))

    def latency(self, session):
        """What a round, or a session that is refused, takes between its client and the engine."""
        return self.first_token + self.prompt_token * session.script.prompt(max(session.round, 0))

    def blocks(self, tokens, script):
        """What is kept of so many tokens: their blocks, and those of layers with a window or a state."""
        return self.blocks_in_service(tokens, script) if tokens > 0 else 0

    def blocks_in_service(self, tokens, script):
        """The same of a sequence that is let in, whose first token may be still to come."""
        return self.whole_blocks(tokens) + self.blocks_beside(script)

    def blocks_beside(self, script):
        """What a session holds in layers with a window or with a state, in blocks of the others."""
        if self.window is None:
            return self.state_blocks
        held = min(self.whole_blocks(self.window["tokens"]) + 1, self.whole_blocks(script.longest_context))
        return -(-held * self.window["layers"] // self.window["whole_layers"])

    def whole_blocks(self, tokens):
        return -(-tokens // self.block_size)

    def blocks_left(self, tokens, blocks, kept, script):
        """Of a session's own when only its first tokens are kept: what lies in shared segments was
        never among them."""
        shared = self.blocks(tokens, script) - blocks
        own = max(0, self.whole_blocks(kept) - shared)
        return own + self.blocks_beside(script) if own > 0 else 0

    def shared_beginning(self, session):
        """The segments with which a session's prompt begins, first to last: those that it kept."""
        rounds = session.script.rounds[1:max(session.round, 0) + 1]
        kept = min((each.kept for each in rounds if each.kept is not None), default=None)
        found, segment = [], session.script.prefix
        while segment is not None:
            if kept is None or self.segments[segment].end <= kept:
                found.insert(0, segment)
            segment = self.segments[segment].predecessor
        return found

    def end_of_segment(self, index):
        """Tokens up to the end of a segment, in whole blocks."""
        return self.segments[index].end // self.block_size * self.block_size

    def blocks_of_segment(self, index):
        predecessor = self.segments[index].predecessor
        start = 0 if predecessor is None else self.end_of_segment(predecessor)
        return (self.end_of_segment(index) - start) // self.block_size


def read(line):
    """A scenario from a line of JSON; numbers with a point become exact fractions."""
    return Scenario(json.loads(line, parse_float=Fraction))
