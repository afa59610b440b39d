#!/usr/bin/python3
"""Start and stop: in any order, each alone, one of a kind to a directory, in time."""
import itertools
import os
import signal
import time
import unittest

from harness import PATIENCE, Dialogue, Flow, short_report, wait_for


class Order(Flow):
    def feed(self, numbers):
        with Dialogue(self.tcp()) as feeder:
            for number in numbers:
                feeder.say_record(**short_report(number))
            self.assertEqual([words[0] for words in feeder.finish()], ['OK'] * len(numbers))

    def starters(self):
        return {'ingest': self.start_ingest, 'enrich': self.start_enrich, 'sink': self.start_sink}

    def test_any_order_of_starting_will_do(self):
        numbers = itertools.count()
        fed = 0
        for order in itertools.permutations(('ingest', 'enrich', 'sink')):
            running = [self.starters()[verb]() for verb in order]
            self.feed([next(numbers) for _ in range(20)])
            fed += 20
            self.wait_events(fed)
            for process in running:
                self.assertEqual(process.stop(), 0, '%s of %s' % (process.name, order))
        self.assert_once_each(self.events(), ['flow-%06d' % number for number in range(fed)])

    def test_each_may_be_stopped_and_started_while_the_others_run(self):
        running = dict(zip(('ingest', 'sink', 'enrich'), self.start_all()))
        running['enrich'] = running['enrich'][0]
        fed = 0
        for verb in ('enrich', 'sink', 'ingest'):
            self.feed(range(fed, fed + 50))
            fed += 50
            self.assertEqual(running[verb].stop(), 0, verb)
            running[verb] = self.starters()[verb]()
        self.feed(range(fed, fed + 50))
        self.wait_events(fed + 50)
        self.assert_once_each(self.events(), ['flow-%06d' % number for number in range(fed + 50)])


class OneOfAKind(Flow):
    def refused(self, owner, *arguments):
        """A second one ends and names the first."""
        second = self.start(*arguments)
        self.assertEqual(second.wait(), 1, second.said())
        self.assertIn(str(owner.pid), second.said())
        self.assertTrue(owner.alive())

    def test_a_second_ingest_is_told_who_is_there(self):
        self.refused(self.start_ingest(), 'ingest', '--listen', 'none', '--zmq', 'none')

    def test_a_second_sink_is_told_who_is_there(self):
        self.refused(self.start_sink(), 'sink', '--publish', 'none')

    def test_the_place_of_a_killed_one_is_free(self):
        for start in (self.start_ingest, self.start_sink):
            first = start()
            first.kill()
            self.assertEqual(start().stop(), 0)

    def test_enrichers_are_many_but_each_has_its_name(self):
        first = self.start('enrich', '--name', 'mine')
        self.up(first, 'mine')
        second = self.start('enrich', '--name', 'mine')
        self.assertEqual(second.wait(), 1)
        self.assertIn('mine', second.said())
        self.up(self.start('enrich', '--name', 'other'), 'other')


class Drain(Flow):
    """However much is left to do, and whoever is missing for it: it ends in time."""

    def ends_in_time(self, process, seconds):
        began = time.monotonic()
        code = process.stop(seconds + 5)
        self.assertLess(time.monotonic() - began, (seconds + 3) * PATIENCE)
        return code

    def test_ingest_with_nobody_to_finish_its_reports(self):
        ingest = self.start_ingest('--drain', '1s')
        self.start_enrich()
        with Dialogue(self.tcp()) as feeder:
            for number in range(200):
                feeder.say_record(**short_report(number))
            self.assertEqual(len(feeder.finish()), 200)
        wait_for(lambda: self.status('ingest')['leased'] > 0, 20, 'leases')
        self.assertEqual(self.ends_in_time(ingest, 1), 0, 'they are in its journal')
        self.start_ingest()
        self.start_sink()
        self.assert_once_each(self.wait_events(200), ['flow-%06d' % n for n in range(200)])

    def test_enrich_with_no_sink(self):
        self.start_ingest()
        enrich = self.start_enrich('--drain', '1s')
        with Dialogue(self.tcp()) as feeder:
            feeder.say_record(**short_report(1))
            self.assertEqual(feeder.answer()[0], 'OK')
        wait_for(lambda: self.status('enrich-%d' % enrich.pid)['kept'] == 1, 20, 'a result')
        self.ends_in_time(enrich, 1)

    def test_sink_whose_output_is_stuck(self):
        output = os.path.join(self.data, 'pipe')
        os.mkfifo(output)
        keeper = os.open(output, os.O_RDWR)  # is there, and reads nothing
        self.addCleanup(os.close, keeper)
        self.start_ingest()
        sink = self.start_sink('--drain', '1s', '--output', output)
        self.start_enrich()
        with Dialogue(self.tcp()) as feeder:
            for number in range(300):
                feeder.say_record(**short_report(number))
            self.assertEqual(len(feeder.finish()), 300)
        wait_for(lambda: self.status('sink')['outputs'][0]['lag'] > 0, 20, 'a lag')
        self.assertEqual(self.ends_in_time(sink, 1), 0, 'they are in its journal')

    def test_a_second_signal_ends_at_once(self):
        for verb, *more in (('ingest', '--listen', '127.0.0.1:0', '--zmq', 'none'),
                            ('sink', '--publish', 'none'), ('enrich', '--name', 'enrich')):
            process = self.start(verb, '--drain', '60s', *more)
            self.up(process, verb)
            process.signal(signal.SIGTERM)
            wait_for(lambda p=process: p.signal(signal.SIGTERM) or not p.alive(), 5, 'its end')


if __name__ == '__main__':
    unittest.main()
