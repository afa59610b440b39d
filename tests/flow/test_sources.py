#!/usr/bin/python3
"""Sources under pressure: a watched folder, a full journal, readers that do not read, and a
feeder that loses its ingest."""
import json
import os
import socket
import struct
import subprocess
import threading
import time
import unittest

from harness import BIN, Flow, run, scaled, short_report, wait_for, write_reports


class Folder(Flow):
    def setUp(self):
        super().setUp()
        self.folder = os.path.join(self.data, 'in')
        os.mkdir(self.folder)

    def put(self, name, content):
        hidden = os.path.join(self.folder, '.' + name)
        with open(hidden, 'w', encoding='utf-8') as file:
            file.write(content)
        os.rename(hidden, os.path.join(self.folder, name))

    def there(self, *path):
        return os.path.exists(os.path.join(self.folder, *path))

    def test_files_are_taken_and_moved(self):
        self.start_ingest('--watch', self.folder)
        self.put('story.txt', 'A story\nNNNN\nall of it.\n')
        self.put('two.ndjson', '{"text":"one"}\n{"text":"two"}\n')
        wait_for(lambda: self.there('done', 'story.txt') and self.there('done', 'two.ndjson'),
                 20, 'the files in done/')
        self.assertEqual(self.status('ingest')['accepted'], 3)
        self.put('story.txt', 'Another story\n')
        wait_for(lambda: self.there('done', 'story.txt.1'), 20, 'a second of the name')

    def test_a_bad_file_says_why(self):
        ingest = self.start_ingest('--watch', self.folder)
        self.put('bad.ndjson', '{"text":"good"}\n{"text":\n{"text":"also good"}\n')
        self.put('blank.txt', ' \n')
        wait_for(lambda: self.there('failed', 'bad.ndjson.reason')
                 and self.there('failed', 'blank.txt.reason'), 20, 'the reasons')
        wait_for(lambda: self.there('failed', 'bad.ndjson'), 20, 'the file')
        with open(os.path.join(self.folder, 'failed', 'bad.ndjson.reason'),
                  encoding='utf-8') as file:
            self.assertRegex(file.read(), r'\A400 line 2: .+\n\Z')
        status = self.status('ingest')
        self.assertEqual((status['queued'], status['dead'], status['dead_letters']), (2, 1, 1))
        self.assertIn('bad.ndjson', ingest.said())

    def test_files_that_were_there_before_are_found(self):
        self.put('early.txt', 'Early bird')
        old = time.time() - 60
        os.utime(os.path.join(self.folder, 'early.txt'), (old, old))
        self.start_ingest('--watch', self.folder)
        wait_for(lambda: self.there('done', 'early.txt'), 20, 'the early file')


class Pressure(Flow):
    def pour(self, wire, stop_after=1.0):
        """Sends reports until the other side stops reading; (how many, what is left of the
        last)."""
        wire.setblocking(False)
        count, rest, last = 0, b'', time.time()
        while time.time() - last < stop_after:
            if not rest:
                record = dict(short_report(count), text='x' * 3000 + str(count))
                rest, count = json.dumps(record).encode() + b'\n', count + 1
            try:
                rest = rest[wire.send(rest):]
                last = time.time()
            except BlockingIOError:
                time.sleep(0.02)
        wire.setblocking(True)
        return count, rest

    def test_a_full_journal_makes_feeders_wait_and_loses_nothing(self):
        ingest = self.start_ingest('--max-journal', '1MiB', '--max-report', '64KiB')
        with socket.create_connection(self.tcp()) as wire:
            count, rest = self.pour(wire)
            status = self.status('ingest')
            self.assertFalse(status['reading'])
            self.assertIn('full', status['why_not_reading'])
            self.assertEqual(status['refused'], 0)
            self.assertLess(status['accepted'], count)
            self.hang_up_and_see_it_sleeps(ingest)
            with subprocess.Popen([os.path.join(BIN, '../bench/drain'),
                                   status['endpoints']['work'], str(count)],
                                  stdout=subprocess.PIPE) as drain:
                wire.sendall(rest)
                self.assertIn(b'"reports":%d' % count, drain.communicate(timeout=60)[0])
        status = self.status('ingest')
        self.assertEqual((status['accepted'], status['refused']), (count, 0))
        self.assertTrue(status['balanced'] and status['reading'])

    def hang_up_and_see_it_sleeps(self, ingest):
        with socket.create_connection(self.tcp()) as wire:
            wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
        def ticks():
            with open('/proc/%d/stat' % ingest.pid, encoding='ascii') as file:
                return sum(map(int, file.read().rsplit(')', 1)[1].split()[11:13]))
        before = ticks()
        time.sleep(1)
        self.assertLess(ticks() - before, 30)

    def test_answers_nobody_reads_stop_the_reading(self):
        self.start_ingest()
        with socket.create_connection(self.tcp()) as wire:
            wire.sendall(b'HELLO wire/1 ack=1\n')
            wire.setblocking(False)
            block, sent, rest, last = 0, 0, b'', time.time()
            while time.time() - last < 1 and block < 1000:
                if not rest:
                    rest = b''.join(b'{"guid":"%d-%d","text":"x"}\n' % (block, i)
                                    for i in range(1000))
                    block, sent = block + 1, sent + 1000
                try:
                    rest = rest[wire.send(rest):]
                    last = time.time()
                except BlockingIOError:
                    time.sleep(0.02)
            self.assertLess(self.status('ingest')['accepted'], sent)
            wire.setblocking(True)
            def finish():
                wire.sendall(rest)
                wire.shutdown(socket.SHUT_WR)
            writer = threading.Thread(target=finish)
            writer.start()
            with wire.makefile('rb') as back:
                answers = sum(1 for line in back if line.startswith(b'OK '))
            writer.join()
        self.assertEqual(answers, sent)


class Feed(Flow):
    def test_it_survives_the_death_of_its_ingest(self):
        count = scaled(10000, 3000)
        ingest = self.start_ingest()
        address = '127.0.0.1:%d' % self.tcp()[1]
        path = os.path.join(self.data, 'reports.ndjson')
        write_reports(path, range(count))
        feeder = self.start('feed', '--to', address, path)
        wait_for(lambda: self.status('ingest')['accepted'] > count / 10, 20, 'some reports')
        ingest.kill()
        self.start('ingest', '--listen', address)
        self.assertEqual(feeder.wait(60), 0, feeder.said())
        self.assertRegex(feeder.said(), r'sent %d ok \d+ dup \d+ err 0' % count)

    def test_it_gives_up_when_nobody_answers(self):
        code, out, err = run('feed', '--data', self.data, '--timeout', '500ms', '-', stdin=b'x')
        self.assertEqual((code, out), (1, 'sent 1 ok 0 dup 0 err 1\n'))
        self.assertIn('feed.sock', err)


if __name__ == '__main__':
    unittest.main()
