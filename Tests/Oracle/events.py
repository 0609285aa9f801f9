"""What will happen, and in which order: section "Order within an instant"."""

ORDER = [
    "step_end", "computation_end", "history", "increment", "copy", "bytes", "release", "pin_end",
    "place_freed", "arrival"]


class Events:
    def __init__(self):
        self.coming = []
        self.scheduled = 0

    def schedule(self, time, kind, subject):
        self.scheduled += 1
        order = self.scheduled
        if kind == "step_end":
            order = subject.index
        elif kind in ("history", "increment"):
            order = subject.order
        self.coming.append((time, ORDER.index(kind), order, kind, subject))

    def cancel(self, subject):
        self.coming = [event for event in self.coming if event[4] is not subject]

    def next_time(self):
        """When something happens next; None where nothing does."""
        return min((event[0] for event in self.coming), default=None)

    def take(self, now):
        """Kind and subject of what happens next in this instant; None where nothing does."""
        due = [event for event in self.coming if event[0] == now]
        if not due:
            return None
        event = min(due, key=lambda each: each[:3])
        self.coming.remove(event)
        return event[3:]
