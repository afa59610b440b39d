#!/usr/bin/python3
"""A disk that is full: feeders wait, nothing is lost, and it goes on by itself."""
import json
import os
import resource
import threading
import unittest

from harness import PATIENCE, Flow, scaled, short_report, wait_for, write_reports

ROOM = 1 << 20  # bytes that a file of ingest may have while the disk is full


class Full(Flow):
    def setUp(self):
        super().setUp()
        self.count = scaled(6000, 3000)
        self.ingest = self.start_ingest()

    def limit(self, size):
        """As a full disk does it: writes behind `size` fail, or come back short."""
        resource.prlimit(self.ingest.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

    def feed(self):
        path = os.path.join(self.data, 'feed.ndjson')
        write_reports(path, range(self.count))
        return self.start('feed', path)

    def wait_until_full(self):
        def is_full():
            status = self.status('ingest')
            return not status['reading'] and 'disk is full' in status['why_not_reading']
        wait_for(is_full, 30, 'the disk to be full')
        status = self.status('ingest')
        self.assertTrue(status['balanced'])
        self.assertLess(status['accepted'], self.count)

    def all_came_out(self, feeder):
        self.assertEqual(feeder.wait(60), 0, feeder.said())
        self.wait_committed(self.count)
        self.assert_once_each(self.wait_events(self.count),
                              ['flow-%06d' % number for number in range(self.count)])
        self.assertTrue(self.status('ingest')['reading'])
        self.assertIn('INGEST-DISK-FULL', self.ingest.said())
        self.assertIn('INGEST-DISK-ROOM', self.ingest.said())

    def test_feeders_wait_until_there_is_room(self):
        self.limit(ROOM)
        feeder = self.feed()
        self.wait_until_full()
        self.limit(resource.RLIM_INFINITY)
        self.start_sink()
        self.start_enrich()
        self.all_came_out(feeder)

    def test_what_goes_out_makes_room(self):
        self.limit(ROOM)
        feeder = self.feed()
        self.wait_until_full()
        self.start_sink()
        self.start_enrich()
        self.all_came_out(feeder)

    def test_who_asks_for_no_answer_waits_too(self):
        self.limit(ROOM)
        lines = ''.join(json.dumps(short_report(number)) + '\n' for number in range(self.count))
        feeder = threading.Thread(target=self.send, args=(lines.encode(),), daemon=True)
        feeder.start()
        self.wait_until_full()
        self.assertGreater(self.status('ingest')['held'], 0)
        self.limit(resource.RLIM_INFINITY)
        self.start_sink()
        self.start_enrich()
        feeder.join(60 * PATIENCE)
        self.wait_committed(self.count)
        self.assert_once_each(self.wait_events(self.count),
                              ['flow-%06d' % number for number in range(self.count)])
        self.assertEqual(self.status('ingest')['held'], 0)

    def test_what_was_taken_outlives_the_ingest(self):
        self.limit(ROOM)
        feeder = self.feed()
        self.wait_until_full()
        taken = self.status('ingest')['accepted']
        self.ingest.kill()
        self.ingest = self.start_ingest()
        self.assertGreaterEqual(self.status('ingest')['accepted'], taken)
        self.start_sink()
        self.start_enrich()
        self.assertEqual(feeder.wait(60), 0, feeder.said())
        self.wait_committed(self.count)
        self.assert_once_each(self.wait_events(self.count),
                              ['flow-%06d' % number for number in range(self.count)])


if __name__ == '__main__':
    unittest.main()
