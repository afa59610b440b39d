#!/usr/bin/python3
"""Processes die, hang, leave and come while reports flow: every report comes out, once."""
import os
import random
import signal
import threading
import time
import unittest

from harness import (PATIENCE, Dialogue, Flow, scaled, short_report, wait_for,
                     write_reports)


class Feeding(threading.Thread):
    """Sends reports in the background over one connection and counts the OKs."""

    def __init__(self, where, numbers):
        super().__init__(daemon=True)
        self.where, self.numbers = where, numbers
        self.accepted, self.refused = 0, []
        self.start()

    def run(self):
        with Dialogue(self.where, seconds=120) as feeder:
            sent = 0
            for number in self.numbers:
                feeder.say_record(**short_report(number))
                sent += 1
                while sent - self.accepted - len(self.refused) > 256:
                    self.take(feeder.answer())
            for words in feeder.finish():
                self.take(words)

    def take(self, words):
        if words and words[0] == 'OK':
            self.accepted += 1
        else:
            self.refused.append(words)


class Churn(Flow):
    def feed(self, numbers):
        return Feeding(self.tcp(), numbers)

    def feed_file(self, count):
        """`wiretag feed` with that many."""
        path = os.path.join(self.data, 'feed.ndjson')
        write_reports(path, range(count))
        return self.start('feed', path)

    def fed(self, feeding, count):
        feeding.join(120 * PATIENCE)
        self.assertFalse(feeding.is_alive(), 'the feeder hangs')
        self.assertEqual(feeding.refused, [])
        self.assertEqual(feeding.accepted, count)

    def begun(self, first, last):
        """Some have come out and some are lent, or all are out: the stopped one was new."""
        status = self.status('ingest')
        return status['committed'] > first and status['leased'] or status['committed'] >= last

    def accepted(self):
        status = self.status('ingest')
        return status['accepted'] if status else 0

    def all_came_out(self, count, seconds=60):
        self.wait_committed(count, seconds)
        events = self.wait_events(count, 20)
        self.assert_once_each(events, ['flow-%06d' % number for number in range(count)])
        self.assert_sound(events, sample=max(1, count // 20))
        status = self.status('ingest')
        self.assertEqual((status['accepted'], status['committed'], status['dead'],
                          status['leased'], status['queued']), (count, count, 0, 0, 0))

    def test_one_enricher_dies_each_second_and_one_joins(self):
        count, rounds = scaled(10000, 800), 16
        _, _, enrichers = self.start_all(enrichers=4)
        rng = random.Random(4)
        step, begun = count // rounds, time.monotonic()
        for turn in range(rounds):
            first = turn * step
            last = count if turn == rounds - 1 else first + step
            victim = rng.randrange(len(enrichers))
            enrichers[victim].signal(signal.SIGSTOP)  # so that it dies with work in hand
            feeding = self.feed(range(first, last))
            wait_for(lambda: self.begun(first, last), 30, 'round %d to begin' % turn)
            enrichers[victim].kill()
            enrichers[victim] = self.start_enrich()
            if turn == rounds // 2:
                enrichers.append(self.start_enrich())
            self.fed(feeding, last - first)
            wait_for(lambda: time.monotonic() > begun + turn + 1, 10, 'the next second')
        self.all_came_out(count)
        self.assertGreater(self.status('ingest')['leases_lost'], rounds,
                           'the dead had hardly any work: nothing was tried')

    def test_a_stopped_enricher_loses_nothing(self):
        count = scaled(4000, 400)
        _, _, enrichers = self.start_all(enrichers=2)
        wait_for(lambda: self.status('ingest')['workers'] == 2, 20, 'both enrichers')
        feeding = self.feed(range(count))
        wait_for(lambda: self.committed() > 0, 20, 'the flow to begin')
        enrichers[0].signal(signal.SIGSTOP)
        until = time.monotonic() + 15
        self.fed(feeding, count)
        self.wait_committed(count, 40)
        wait_for(lambda: time.monotonic() > until, 20, 'fifteen seconds')
        enrichers[0].signal(signal.SIGCONT)
        wait_for(lambda: self.status('ingest')['workers'] == 2, 20, 'the enricher to come back')
        feeding = self.feed(range(count, count + 500))
        self.fed(feeding, 500)
        self.all_came_out(count + 500)

    def test_enrichers_leave_politely(self):
        count = scaled(4000, 400)
        _, _, enrichers = self.start_all(enrichers=2)
        feeding = self.feed(range(count))
        for turn in range(4):
            wait_for(lambda: self.committed() >= min(count // 5 * turn + 1, count - 1), 30,
                     'some flow')
            self.assertEqual(enrichers[turn % 2].stop(), 0)
            enrichers[turn % 2] = self.start_enrich()
        self.fed(feeding, count)
        self.all_came_out(count)

    def test_the_sink_restarts(self):
        count = scaled(4000, 400)
        _, sink, _ = self.start_all(enrichers=2)
        feeding = self.feed(range(count))
        for turn in range(3):
            wait_for(lambda: self.committed() >= count // 5 * turn + 1, 30, 'some flow')
            self.assertEqual(sink.stop(), 0)
            sink = self.start_sink()
        self.fed(feeding, count)
        self.all_came_out(count)

    def test_the_sink_is_killed(self):
        count = scaled(4000, 400)
        _, sink, _ = self.start_all(enrichers=2)
        feeding = self.feed(range(count))
        for turn in range(5):
            wait_for(lambda: self.committed() >= count // 8 * turn + 1, 30, 'some flow')
            sink.kill()
            sink = self.start_sink()
        self.fed(feeding, count)
        self.all_came_out(count)

    def test_the_feeder_outlives_a_killed_ingest(self):
        count = scaled(20000, 2000)
        ingest, _, _ = self.start_all(enrichers=2)
        feeder = self.feed_file(count)
        for turn in range(5):
            wait_for(lambda: self.accepted() > count // 8 * turn, 30, 'the feeder')
            ingest.kill()
            ingest = self.start_ingest()
        self.assertEqual(feeder.wait(60), 0, feeder.said())
        self.all_came_out(count)

    def test_the_feeder_outlives_an_ingest_that_leaves(self):
        count = scaled(10000, 1000)
        ingest, _, _ = self.start_all(enrichers=2)
        feeder = self.feed_file(count)
        for turn in range(3):
            wait_for(lambda: self.accepted() > count // 5 * turn, 30, 'the feeder')
            self.assertEqual(ingest.stop(30), 0, ingest.said())
            ingest = self.start_ingest()
        self.assertEqual(feeder.wait(60), 0, feeder.said())
        self.all_came_out(count)

    def test_all_are_killed_at_once(self):
        count = scaled(10000, 1000)
        ingest, sink, enrichers = self.start_all(enrichers=2)
        feeder = self.feed_file(count)
        for turn in range(3):
            wait_for(lambda: self.committed() > count // 5 * turn, 30, 'some flow')
            for process in [sink, ingest] + enrichers:
                process.signal(signal.SIGKILL)
            for process in [sink, ingest] + enrichers:
                process.wait()
            ingest, sink, enrichers = self.start_all(enrichers=2)
        self.assertEqual(feeder.wait(60), 0, feeder.said())
        self.all_came_out(count)

    def test_enrichers_come_late(self):
        self.start_ingest()
        feeding = self.feed(range(300))
        self.fed(feeding, 300)
        self.assertEqual(self.status('ingest')['queued'], 300)
        self.start_enrich()
        wait_for(lambda: self.status('ingest')['workers'] == 1, 20, 'the enricher')
        self.start_sink()
        self.all_came_out(300)


if __name__ == '__main__':
    unittest.main()
