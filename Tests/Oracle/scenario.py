"""What a line of input says."""

import json
from fractions import Fraction

from costs import WorkerCosts
from host import HostCosts
from policy_table import PolicyTable
from transfers import TransferCosts


class RoundScript:
    def __init__(self, document):
        self.new_tokens, self.output_tokens, self.delay_after = document


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
        before = sum(r.new_tokens + r.output_tokens for r in self.rounds[:index])
        return before + self.rounds[index].new_tokens

    @property
    def longest_context(self):
        last = len(self.rounds) - 1
        return self.prompt(last) + self.rounds[last].output_tokens


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
        self.block_size = document["block_size"]
        self.max_sequences = document["max_sequences"]
        self.token_budget = document["token_budget"]
        self.data_parallel_ranks = document.get("data_parallel_ranks", 1)
        self.prefill_ranks = document.get("prefill_ranks", 1)
        self.async_scheduling = document.get("async_scheduling", False)
        self.prefill_batch_tokens = document["prefill_batch"].get("tokens")
        self.prefill_batch_tasks = document["prefill_batch"].get("tasks")
        self.first_token_site = document["first_token_site"]
        self.history_source = document["history_source"]
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

    def blocks(self, tokens):
        return -(-tokens // self.block_size)

    def shared_beginning(self, session):
        """The segments with which a session's prompts begin, first to last."""
        found, segment = [], session.script.prefix
        while segment is not None:
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
