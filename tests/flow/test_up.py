#!/usr/bin/python3
"""wiretag up: one command, the whole pipeline, and nothing left when it ends."""
import os
import re
import signal
import unittest

from harness import Flow, run, runs, scaled, wait_for, write_reports


class Up(Flow):
    def setUp(self):
        super().setUp()
        self.start_up()

    def start_up(self, early=lambda: None):
        self.parent = self.start('up', '--enrichers', '2', '--listen', '127.0.0.1:0',
                                 '--zmq', 'none', '--publish', 'none')
        early()
        wait_for(lambda: 'ready: ' in self.parent.said() or not self.parent.alive(), 30,
                 'it to be ready')
        self.assertTrue(self.parent.alive(), self.parent.said())
        self.children = self.find_children()

    def tearDown(self):
        for pid in self.find_children() if self.parent.alive() else self.children:
            if runs(pid):
                os.kill(pid, signal.SIGKILL)
        super().tearDown()

    def find_children(self):
        path = '/proc/%d/task/%d/children' % (self.parent.pid, self.parent.pid)
        try:
            with open(path, encoding='ascii') as file:
                return [int(pid) for pid in file.read().split()]
        except OSError:
            return []

    def child(self, verb):
        """A child's pid by what it runs."""
        for pid in self.find_children():
            try:
                with open('/proc/%d/cmdline' % pid, 'rb') as file:
                    if b'wiretag-' + verb.encode() in file.read():
                        return pid
            except OSError:
                pass
        return None

    def feed(self, numbers):
        path = os.path.join(self.data, 'feed.ndjson')
        write_reports(path, numbers)
        code, out, err = run('feed', '--data', self.data, path)
        self.assertEqual(code, 0, err)
        return out + err

    def nothing_left(self):
        wait_for(lambda: not any(runs(pid) for pid in self.children), 20,
                 'the children to be gone')

    def end_up(self):
        self.parent.signal(signal.SIGTERM)
        self.assertEqual(self.parent.wait(40), 0)
        self.nothing_left()

    def test_it_carries_reports_over_its_own_end(self):
        count = scaled(2000, 200)
        self.assertEqual(len(self.children), 4)
        self.feed(range(count))
        self.end_up()
        self.start_up()
        wait_for(lambda: self.status('ingest')['committed'] == count, 40,
                 'what the first left to be done')
        self.end_up()
        self.assert_once_each(self.events(), ['flow-%06d' % number for number in range(count)])

    def test_the_status_line_tells_the_truth(self):
        self.feed(range(100))
        wait_for(lambda: re.search(r'committed\s+100\b', self.parent.said()), 20,
                 'the status line to say 100')
        last = self.parent.said().strip().splitlines()[-1]
        for word in ('reports/s', 'queued', 'leased', 'committed'):
            self.assertIn(word, last)

    def test_status_and_health_agree(self):
        code, out, _ = run('health', '--data', self.data)
        self.assertEqual(code, 0, out)
        code, out, err = run('status', '--data', self.data)
        self.assertEqual(code, 0, err)
        for word in ('ingest', 'sink', 'enrich'):
            self.assertIn(word, out)
        os.kill(self.child('sink'), signal.SIGSTOP)
        code, out, _ = run('health', '--data', self.data)
        self.assertNotEqual(code, 0, out)

    def test_a_killed_child_comes_back(self):
        for verb in ('enrich', 'sink', 'ingest'):
            old = self.child(verb)
            os.kill(old, signal.SIGKILL)
            wait_for(lambda: not runs(old), 10, 'the death')
            wait_for(lambda: len(self.find_children()) == 4, 20, 'a new %s' % verb)
            self.children += self.find_children()
        wait_for(lambda: run('health', '--data', self.data)[0] == 0, 30, 'all to be well again')
        self.feed(range(50))
        self.wait_committed(50)

    def test_a_child_told_to_end_early_comes_back(self):
        self.assertEqual(self.parent.stop(40), 0)

        def end_ingest():
            ingest = self.up_by_itself('ingest')
            os.kill(ingest, signal.SIGTERM)
            wait_for(lambda: not runs(ingest), 20, 'its end')
        self.start_up(end_ingest)
        self.feed(range(50))
        self.wait_committed(50)

    def up_by_itself(self, name):
        """The pid of a child as soon as it answers."""
        def answered():
            status = self.status(name)
            return status and status['pid']
        return wait_for(answered, 20, '%s to answer' % name)

    def test_the_children_go_with_a_killed_parent(self):
        self.parent.kill()
        self.nothing_left()

    def test_a_second_signal_ends_at_once(self):
        os.kill(self.child('ingest'), signal.SIGSTOP)
        self.parent.signal(signal.SIGINT)
        self.parent.signal(signal.SIGINT) if self.parent.alive() else None
        wait_for(lambda: self.parent.signal(signal.SIGINT) or not self.parent.alive(), 5,
                 'its end')
        self.nothing_left()

    def test_a_second_one_on_the_same_directory_is_refused(self):
        other = self.start('up', '--listen', '127.0.0.1:0')
        self.assertEqual(other.wait(), 1)
        self.assertIn(str(self.parent.pid), other.said())


class Settings(Flow):
    def test_they_reach_the_children(self):
        config = os.path.join(self.data, 'wiretag.conf')
        with open(config, 'w', encoding='utf-8') as file:
            file.write('[ingest]\nlease = 7s\nmax-journal = 9MiB\n[sink]\npublish = none\n')
        output = os.path.join(self.data, 'out.ndjson')
        parent = self.start('up', '--config', config, '--enrichers', '1', '--zmq', 'none',
                            '--listen', '127.0.0.1:0', '--output', output,
                            '--max-journal', '10MiB')
        wait_for(lambda: 'ready: ' in parent.said() or not parent.alive(), 30, 'it to be ready')
        self.assertEqual(self.status('ingest')['journal_max_bytes'], 10 << 20)
        self.assertEqual(self.status('sink')['outputs'][0]['path'], output)
        self.assertTrue(self.status('sink')['endpoints']['events'].startswith('ipc:'))
        self.assertEqual(parent.stop(40), 0)


if __name__ == '__main__':
    unittest.main()
