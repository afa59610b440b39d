#!/usr/bin/python3
"""Memory: what a process may take is bounded, and those who behave are served meanwhile."""
import json
import os
import socket
import struct
import unittest

from harness import PATIENCE, Dialogue, Flow, scaled, short_report, wait_for

MIB = 1 << 20
SANITIZED = PATIENCE > 1  # as ctest runs those builds
PAGE = os.sysconf('SC_PAGESIZE')


def memory_of(pid):
    """Private bytes: resident ones without those of mapped files."""
    with open('/proc/%d/statm' % pid, encoding='ascii') as file:
        _, resident, shared = [int(word) for word in file.read().split()[:3]]
    return (resident - shared) * PAGE


def long_record(number, size):
    return json.dumps({'guid': 'long-%d' % number, 'text': 'word ' * (size // 5)}).encode() + b'\n'


class Sender:
    """A connection that takes from its payload what the system takes at once."""

    def __init__(self, wire, payload):
        self.wire = wire
        self.left = memoryview(payload)
        wire.setblocking(False)

    def push(self):
        try:
            while self.left:
                self.left = self.left[self.wire.send(self.left[:256 * 1024]):]
        except OSError:  # full, or sent away
            pass
        return not self.left

    def break_off(self):
        """What is not read yet is lost on the way."""
        self.wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
        self.wire.close()


class Feeders(Flow):
    def assert_below(self, process, limit):
        """Sanitizers take memory of their own, so there no bound holds."""
        self.assertTrue(process.alive())
        if not SANITIZED:
            self.assertLess(memory_of(process.pid), limit)

    def test_half_sent_reports_do_not_fill_the_memory(self):
        ingest = self.start_ingest('--memory', '256MiB', '--max-report', '4MiB')
        half = long_record(0, 4 * MIB)[:2 * MIB]
        senders = [Sender(socket.create_connection(self.tcp()), half)
                   for _ in range(scaled(200, 40))]
        self.addCleanup(lambda: [sender.wire.close() for sender in senders])
        with Dialogue(self.tcp()) as feeder:  # short reports are served all the while
            for number in range(50):
                for sender in senders:
                    sender.push()
                feeder.say_record(**short_report(number))
                self.assertEqual(feeder.answer()[0], 'OK')
        self.assert_below(ingest, 256 * MIB)
        self.assertGreater(self.status('ingest')['memory_bytes'], 0)
        self.assertEqual(self.status('ingest')['memory_max_bytes'], 256 * MIB)
        # Those who have room and do not go on have to go; then the next one gets it.
        for sender in senders[4:]:
            sender.break_off()
        with Dialogue(self.tcp(), seconds=30) as feeder:
            feeder.say(long_record(1, 3 * MIB))
            self.assertEqual(feeder.answer()[:2], ['OK', 'long-1'])
        self.assertIn('code=408', ingest.said())
        self.assertTrue(ingest.alive())

    def test_too_many_half_sent_ones_are_sent_away(self):
        """Their number is what is too much: nobody of them has room for a long report."""
        if SANITIZED:
            self.skipTest('a sanitizer takes memory of its own, so there is no bound')
        ingest = self.start_ingest('--memory', '32MiB')
        part = b'HELLO wire/1 ack=1\n' + long_record(0, MIB)[:100000]
        senders = [Sender(socket.create_connection(self.tcp()), part) for _ in range(600)]
        self.addCleanup(lambda: [sender.wire.close() for sender in senders])
        wait_for(lambda: [sender.push() for sender in senders]
                 and 'memory' in (self.status('ingest')['why_not_reading'] or ''), 20,
                 'the pressure')
        with Dialogue(self.tcp(), seconds=30) as feeder:
            feeder.say_record(**short_report(1))
            self.assertEqual(feeder.answer()[0], 'OK')
        self.assertTrue(ingest.alive())
        wait_for(lambda: self.status('ingest')['reading'], 10, 'it to read again')
        self.assertIn('memory is short', ingest.said())

    def test_many_long_reports_at_once_all_get_through(self):
        ingest = self.start_ingest('--memory', '256MiB')
        feeders = [Dialogue(self.tcp()) for _ in range(scaled(40, 10))]
        self.addCleanup(lambda: [feeder.__exit__() for feeder in feeders])
        senders = [Sender(feeder.wire, long_record(number, 3 * MIB))
                   for number, feeder in enumerate(feeders)]
        wait_for(lambda: all([sender.push() for sender in senders]), 60, 'all to be sent')
        for number, feeder in enumerate(feeders):
            feeder.wire.settimeout(60)
            self.assertEqual(feeder.answer()[:2], ['OK', 'long-%d' % number])
        self.assert_below(ingest, 256 * MIB)


class Enrichers(Flow):
    def test_a_report_that_takes_too_much_ends_in_the_dead_letters(self):
        if SANITIZED:
            self.skipTest('a sanitizer takes memory of its own, so there is no bound')
        ingest = self.start_ingest()
        self.start_sink()
        with Dialogue(self.tcp()) as feeder:
            feeder.say_record(guid='monster', text='Tripoli, Cairo and Berlin. ' * 150000)
            self.assertEqual(feeder.answer()[0], 'OK')
            enrichers = []

            def dead():
                if not enrichers or not enrichers[-1].alive():
                    enrichers.append(self.start('enrich', '--memory', '32MiB'))
                return self.status('ingest')['dead'] == 1
            wait_for(dead, 60, lambda: 'its end; ingest says %s' % self.status('ingest'))
            feeder.say_record(**short_report(1))
            self.assertEqual(feeder.answer()[0], 'OK')
        self.wait_committed(1)
        self.assertIn('out of memory', enrichers[0].said())
        self.assertIn('INGEST-DEAD', ingest.said())


if __name__ == '__main__':
    unittest.main()
