#!/usr/bin/python3
"""The sink's journal and its outputs from outside: what SQLite shows, what stands in the
files after a kill, and who has to wait for whom."""
import datetime
import glob
import json
import os
import signal
import sqlite3
import time
import unittest

from harness import BIN, PATIENCE, Flow, Process, run, scaled, short_report, wait_for


def guid(number):
    return 'flow-%06d' % number


class Sink(Flow):
    def database(self):
        """As any program may look into it, while the sink writes."""
        base = sqlite3.connect('file:%s/events.db?mode=ro' % self.data, uri=True)
        self.addCleanup(base.close)
        return base

    def rows(self, question, *values):
        return self.database().execute(question, values).fetchall()

    def feed(self, *ranges):
        lines = [json.dumps(short_report(n)) for numbers in ranges for n in numbers]
        self.send(('\n'.join(lines) + '\n').encode())

    def output(self):
        return self.status('sink')['outputs'][0]

    def wait_written(self):
        wait_for(lambda: self.output()['lag'] == 0 and not self.output()['error'], 30,
                 lambda: 'the output: %s' % self.output())

    def assert_file_is_journal(self):
        """Line by line, in the order of the offsets."""
        stored = [json_ for (json_,) in self.rows('SELECT json FROM events ORDER BY offset')]
        lines = [line.decode().rstrip('\n') for line in self.event_lines()]
        self.assertEqual(len(lines), len(stored))
        self.assertEqual(sorted(lines), sorted(stored))

    def kill_sink(self, sink):
        sink.kill()
        return self.start_sink(*self.sink_options)

    sink_options = ()


class Journal(Sink):
    def test_shows_its_events_to_others_while_it_runs(self):
        self.start_all()
        self.feed(range(30))
        self.wait_committed(30)
        self.wait_written()
        self.assert_file_is_journal()
        self.assertEqual(self.rows('SELECT count(*), min(offset), max(offset) FROM stories'),
                         [(30, 1, 30)])
        self.assertEqual({name for (name,) in self.rows('SELECT guid FROM versions')},
                         {guid(n) for n in range(30)})
        status = self.status('sink')
        self.assertEqual(status['journal']['epoch'],
                         self.rows("SELECT lower(hex(value)) FROM meta WHERE key = 'epoch'")[0][0])

    def test_keeps_all_versions_and_knows_which_counts(self):
        self.start_all()
        story = dict(short_report(1), version=1)
        self.send(json.dumps(story).encode())
        self.send(json.dumps(dict(story, version=2, text=story['text'] + 'More.')).encode())
        self.send(json.dumps(short_report(2)).encode())
        self.wait_committed(3)
        self.assertEqual(self.rows('SELECT guid, version FROM stories ORDER BY guid'),
                         [(guid(1), 2), (guid(2), 1)])
        self.send(json.dumps(dict(story, version=3, status='canceled')).encode())
        self.wait_committed(4)
        self.assertEqual(self.rows('SELECT guid FROM stories'), [(guid(2),)])
        self.assertEqual(self.rows('SELECT count(*) FROM versions WHERE canceled_by NOT NULL'),
                         [(2,)])
        self.assertEqual(len(self.wait_events(4)), 4, 'the cancellation goes out, too')

    def test_makes_everybody_wait_while_another_program_locks_it(self):
        self.start_all()
        self.feed(range(5))
        self.wait_committed(5)
        locker = sqlite3.connect(self.data + '/events.db', isolation_level=None)
        self.addCleanup(locker.close)
        locker.execute('BEGIN IMMEDIATE')
        self.feed(range(5, 15))
        wait_for(lambda: 'locked' in (self.status('sink')['why'] or ''), 20, 'the sink to say so')
        self.assertEqual(self.committed(), 5)
        locker.execute('ROLLBACK')
        self.wait_committed(15)
        self.wait_written()
        self.assertTrue(self.status('sink')['healthy'])
        self.assert_once_each(self.events(), [guid(n) for n in range(15)])

    def test_goes_on_with_its_offsets_after_a_kill(self):
        _, sink, _ = self.start_all()
        self.feed(range(20))
        self.wait_committed(20)
        self.kill_sink(sink)
        self.feed(range(20, 40))
        self.wait_committed(40)
        self.wait_written()
        self.assertEqual([o for (o,) in self.rows('SELECT offset FROM events ORDER BY offset')],
                         list(range(1, 41)))
        self.assert_file_is_journal()

    def test_forgets_old_events_but_not_that_it_had_them(self):
        self.sink_options = ('--keep', '1ms')
        _, sink, _ = self.start_all(sink=self.sink_options)
        self.feed(range(10))
        self.wait_committed(10)
        self.wait_written()
        wait_for(lambda: self.rows('SELECT count(*) FROM events') == [(0,)], 20, 'the rows to go')
        self.assertEqual(len(self.events()), 10)
        self.kill_sink(sink)
        self.assertEqual(self.status('sink')['journal']['offset'], 10)
        self.assertEqual(self.rows('SELECT lo, hi FROM ranges'), [(1, 10)])
        self.feed(range(10, 12))
        self.wait_committed(12)
        self.assertEqual(self.status('sink')['journal']['offset'], 12)

    def refuses(self, *words):
        sink = Process('refused', [os.path.join(BIN, 'wiretag'), 'sink', '--data', self.data,
                                   '--publish', 'none'], self.data)
        self.processes.append(sink)
        self.assertEqual(sink.wait(), 1)
        for word in words:
            self.assertIn(word, sink.said())

    def test_is_never_begun_anew_in_silence(self):
        self.start_sink().stop()
        path = self.data + '/events.db'
        with open(path, 'r+b') as file:
            file.write(b'This is not a database.')
        self.refuses('events.db is not a database', 'move it away')
        os.remove(path)
        with open(path + '-wal', 'wb') as file:
            file.write(b'some log')
        self.refuses('its log')
        os.remove(path + '-wal')
        self.start_sink()
        self.assertEqual(self.status('sink')['events'], 0)


class Output(Sink):
    def test_is_cut_back_and_continued_after_a_kill(self):
        _, sink, _ = self.start_all()
        self.feed(range(50))
        self.wait_committed(50)
        self.wait_written()
        sink.kill()
        with open(self.data + '/events.ndjson', 'ab') as file:
            file.write(b'{"written": "and not yet known to the journal"}\n{"half a li')
        self.start_sink()
        self.feed(range(50, 60))
        self.wait_committed(60)
        self.wait_written()
        self.assert_file_is_journal()

    def test_has_each_event_once_however_often_the_sink_is_killed(self):
        self.sink_options = ('--rotate-size', '16KiB')
        _, sink, _ = self.start_all(enrichers=2, sink=self.sink_options)
        count = scaled(600, 100)
        for round_ in range(6):
            self.feed(range(round_ * count // 6, (round_ + 1) * count // 6))
            before = self.committed()
            wait_for(lambda floor=before: self.committed() > floor, 30, 'more commits')
            sink = self.kill_sink(sink)
        self.wait_committed(count // 6 * 6)
        self.wait_written()
        self.assert_once_each(self.events(), [guid(n) for n in range(count // 6 * 6)])
        self.assert_file_is_journal()
        self.assertGreater(len(glob.glob(self.data + '/events-*.ndjson')), 3)

    def test_that_nobody_reads_holds_up_nobody(self):
        fifo = self.data + '/fifo'
        os.mkfifo(fifo)
        _, sink, _ = self.start_all(sink=('--output', fifo))
        self.feed(range(20))
        self.wait_committed(20)
        wait_for(lambda: 'nobody reads' in (self.output()['error'] or ''), 20, 'the sink to say so')
        self.assertEqual(self.output()['lag'], 20)
        self.assertTrue(self.status('sink')['healthy'])
        with open(fifo, 'rb') as reader:
            lines = [json.loads(reader.readline()) for _ in range(20)]
        self.assert_once_each(lines, [guid(n) for n in range(20)])
        self.feed(range(20, 22))
        self.wait_committed(22)
        self.assertEqual(sink.stop(), 0)
        self.assertIn('SINK-OUTPUT-BEHIND', sink.said())

    def test_goes_on_when_its_file_may_be_written_again(self):
        os.makedirs(self.data + '/events.ndjson')
        self.start_all()
        self.feed(range(10))
        self.wait_committed(10)
        wait_for(lambda: self.output()['error'], 20, 'the output to say why')
        os.rmdir(self.data + '/events.ndjson')
        self.wait_written()
        self.assert_file_is_journal()

    def test_begins_a_new_file_by_name_on_sighup(self):
        _, sink, _ = self.start_all()
        self.feed(range(10))
        self.wait_committed(10)
        self.wait_written()
        os.rename(self.data + '/events.ndjson', self.data + '/events-moved.ndjson')
        sink.signal(signal.SIGHUP)
        wait_for(lambda: os.path.exists(self.data + '/events.ndjson'), 20, 'the new file')
        self.feed(range(10, 15))
        self.wait_committed(15)
        self.wait_written()
        with open(self.data + '/events.ndjson', 'rb') as file:
            self.assertEqual(len(file.readlines()), 5)
        self.assert_file_is_journal()

    def test_that_is_new_begins_with_the_oldest_event(self):
        _, sink, _ = self.start_all()
        self.feed(range(10))
        self.wait_committed(10)
        self.assertEqual(sink.stop(), 0)
        other = self.data + '/other.json'
        sink = self.start_sink('--output', other)
        wait_for(lambda: self.output()['offset'] == 10, 20, 'the new output to be whole')
        with open(other, 'rb') as file:
            self.assertEqual(len(file.readlines()), 10)
        self.assertEqual(self.rows('SELECT name, offset FROM cursors ORDER BY name'),
                         [('events.ndjson', 10), ('other.json', 10)])


class Embargo(Sink):
    def send_until(self, number, seconds, **keys):
        """A report that may not go out before so many seconds; returns that moment."""
        due = time.time() + seconds
        moment = datetime.datetime.fromtimestamp(due, datetime.timezone.utc)
        self.last_sent = json.dumps(dict(short_report(number), embargo_until=moment.isoformat(
            timespec='milliseconds'), **keys)).encode()
        self.send(self.last_sent)
        return int(due * 1000)

    def held(self):
        return self.status('sink')['held']

    def test_is_committed_at_once_and_out_when_it_ends(self):
        _, sink, _ = self.start_all()
        due_ms = self.send_until(1, 3 * PATIENCE)
        again = self.last_sent
        self.send_until(2, 1e9)
        self.feed([3])
        self.wait_committed(3)
        self.assertEqual([event['guid'] for event in self.wait_events(1)], [guid(3)])
        self.assertEqual(self.held(), 2)
        _, page, _ = run('status', '--data', self.data)
        self.assertIn('2 under embargo, the next goes out ', page)
        self.assertEqual(run('query', '--data', self.data)[1].count('\n'), 1)
        self.kill_sink(sink)
        self.assertEqual([event['guid'] for event in self.wait_events(2)], [guid(3), guid(1)])
        ((stored_ms, offset),) = self.rows('SELECT stored_ms, offset FROM events WHERE guid = ?',
                                           guid(1))
        self.assertGreaterEqual(stored_ms, due_ms)
        self.assertEqual((offset, self.held()), (2, 1))
        self.send(again)
        wait_for(lambda: self.status('ingest')['duplicates'] == 1, 20, 'the duplicate')
        self.wait_written()
        self.assert_file_is_journal()

    def test_that_ended_while_the_sink_was_down_is_out_at_its_start(self):
        _, sink, _ = self.start_all()
        due_ms = self.send_until(1, 2 * PATIENCE)
        self.wait_committed(1)
        self.assertEqual(sink.stop(), 0)
        wait_for(lambda: time.time() * 1000 > due_ms, 20, 'the moment')
        self.start_sink()
        self.assertEqual([event['guid'] for event in self.wait_events(1)], [guid(1)])
        self.assertEqual((self.held(), self.status('sink')['next_due']), (0, None))

    def test_of_a_story_taken_back_or_replaced_shows_it_to_nobody(self):
        self.start_all()
        for number in (1, 2, 3):
            self.send_until(number, 1e6)
        self.wait_committed(3)
        self.send(json.dumps(dict(short_report(1), version=2, status='canceled')).encode())
        self.send(json.dumps(dict(short_report(2), version=2, text='It is another one.')).encode())
        self.wait_committed(5)
        events = self.wait_events(2)
        self.assertEqual(sorted((event['guid'], event['version'], event['status'])
                                for event in events),
                         [(guid(1), 2, 'canceled'), (guid(2), 2, 'usable')])
        wait_for(lambda: self.held() == 1, 20, lambda: 'the last one: %s' % self.status('sink'))
        self.assertEqual(self.status('sink')['unseen'], {'superseded': 1, 'canceled': 1})
        self.assertEqual(self.rows('SELECT guid FROM stories'), [(guid(2),)])


if __name__ == '__main__':
    unittest.main()
