"""load.py: feeders that go on through a disk's faults, and the book they keep.

    load = Load(data, seed, rate)      # over the Unix socket of the ingest in `data`
    load.wait_acked(500)
    load.finish()                      # sends nothing new, waits for the answers still due
    load.check(events)                 # raises AssertionError, saying what is wrong"""
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'flow'))
import feeders  # noqa: E402
from harness import PATIENCE, wait_for  # noqa: E402
import oracle  # noqa: E402


class TimedBook(oracle.Book):
    """Notes when each report was sent first, and when it was acknowledged."""

    def __init__(self, faults):
        super().__init__(faults)
        self.sent_at = {}
        self.acked_at = {}

    def sends(self, report, text):
        super().sends(report, text)
        self.sent_at.setdefault(report, time.monotonic_ns())

    def answered(self, report, seq, verdict):
        super().answered(report, seq, verdict)
        if report.acked:
            self.acked_at.setdefault(report, time.monotonic_ns())


class Load:
    def __init__(self, data, seed, rate=1500, count=3):
        self.data, self.seed = data, seed
        self.faults = oracle.Faults()
        self.book = TimedBook(self.faults)
        self.plenty = feeders.Plenty(seed, self.book, rate, PATIENCE)
        self.feeders = [feeders.StreamFeeder('feeder-%d' % i, self.plenty, 1 / count, self.where)
                        for i in range(1, count + 1)]
        for feeder in self.feeders:
            feeder.start()

    def where(self):
        return os.path.join(self.data, 'feed.sock')

    @property
    def acked(self):
        return self.book.acked

    @property
    def busy(self):
        """How often a feeder was told ERR 503."""
        return sum(feeder.busy for feeder in self.feeders)

    def wait_acked(self, count, seconds=60):
        wait_for(lambda: self.faults or self.acked >= count, seconds,
                 lambda: '%d acknowledged reports, of which there are %d' % (count, self.acked))
        self.raise_faults()

    def wait_more(self, count, seconds=60):
        self.wait_acked(self.acked + count, seconds)

    def finish(self, seconds=60):
        self.plenty.closing.set()
        for feeder in self.feeders:
            feeder.join(seconds * PATIENCE)
            if feeder.is_alive():
                self.faults.add('a feeder waits in vain', feeder.name)
        self.plenty.abandon.set()
        self.raise_faults()

    def abandon(self):
        """Ends it, whatever is still due."""
        self.plenty.abandon.set()
        for feeder in self.feeders:
            feeder.join()

    def check(self):
        """Holds what the sink has against the book; the processes have ended."""
        found = oracle.audit(self.data, self.seed, self.book, self.faults)
        self.raise_faults()
        return found

    def raise_faults(self):
        if self.faults:
            raise AssertionError('\n'.join(self.faults.lines()))
