#!/usr/bin/python3
"""wiretag status: the page for eyes, the JSON for programs, and the laws they check."""
import itertools
import json
import os
import re
import socket
import threading
import unittest

from harness import Dialogue, Flow, run, short_report, wait_for, write_reports

BOOKS = {'accepted': 10, 'committed': 4, 'dead': 1, 'leased': 2, 'queued': 3, 'duplicates': 5}


class Actor:
    """Answers on a control socket whatever it is told to."""

    def __init__(self, folder, name, **answer):
        self.answer = dict({'process': name, 'pid': os.getpid(), 'healthy': True, 'why': None},
                           **answer)
        self.ear = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.ear.bind(os.path.join(folder, name + '.control'))
        self.ear.listen(16)
        self.thread = threading.Thread(target=self.play, daemon=True)
        self.thread.start()

    def play(self):
        while True:
            try:
                asker, _ = self.ear.accept()
            except OSError:
                return
            with asker:
                asker.recv(1000)
                asker.sendall(json.dumps(self.answer).encode() + b'\n')

    def leave(self):
        self.ear.shutdown(socket.SHUT_RDWR)
        self.ear.close()
        self.thread.join()


class Page(Flow):
    """What is said of processes that are only played."""

    def act(self, name, **answer):
        actor = Actor(self.data, name, **answer)
        self.addCleanup(actor.leave)
        return actor

    def page(self):
        """(exit code, the page with its lines joined, standard error)"""
        code, out, err = run('status', '--data', self.data)
        return code, re.sub(r'\s+', ' ', out), err

    def test_nothing_runs(self):
        code, out, err = self.page()
        self.assertEqual((code, out), (1, ''))
        self.assertIn('wiretag up', err)

    def test_all_is_well(self):
        self.act('ingest', reading=True, workers=1, sinks=1, **dict(BOOKS, dead=0, queued=4),
                 peers=[{'name': 'far/enrich-1', 'role': 'enrich', 'leased': 2, 'credit': 62,
                         'done': 1234567, 'per_second': 12.5, 'memory_bytes': 5 << 20}])
        self.act('sink', events=12, reports=4, subscribers=3)
        code, out, err = self.page()
        self.assertEqual((code, err), (0, ''), out)
        for words in ('accepted 10', 'committed 4', 'far/enrich-1 2 62 1,234,567 12.5 5.0 MiB',
                      'subscribers 3', 'all is well'):
            self.assertIn(words, out)

    def test_books_that_do_not_balance(self):
        self.act('ingest', **dict(BOOKS, queued=4))
        for arguments in ((), ('--json',)):
            code, out, err = run('status', '--data', self.data, *arguments)
            self.assertEqual(code, 1, out)
            self.assertIn('do not balance', err)
        self.assertIn('do not balance', json.loads(out)['broken'])

    def test_books_that_ingest_itself_counts_otherwise(self):
        self.act('ingest', balanced=False, **BOOKS)
        self.assertEqual(self.page()[0], 1)

    def test_who_does_not_answer_is_named(self):
        ear = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.addCleanup(ear.close)
        ear.bind(os.path.join(self.data, 'ingest.control'))
        ear.listen(4)  # and never answers
        self.act('enrich-a', healthy=False, why='not connected to an ingest')
        code, out, err = run('status', '--data', self.data, '--json')
        self.assertEqual((code, err), (0, ''), out)
        self.assertEqual(json.loads(out)['silent'], ['ingest'])
        code, out, err = self.page()
        for words in ('ingest does not answer', 'NOT HEALTHY',
                      'enrich-a is not well: not connected to an ingest'):
            self.assertIn(words, out)
        self.assertNotIn('No ingest runs', out)

    def test_who_was_killed_is_named(self):
        self.act('ingest', reading=True, workers=1, sinks=1, **BOOKS)
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as ear:
            ear.bind(os.path.join(self.data, 'sink.control'))  # and nobody listens
        _, out, _ = self.page()
        for words in ('sink is gone', 'sink was killed'):
            self.assertIn(words, out)
        self.assertNotIn('all is well', out)

    def test_a_sink_that_has_less_than_it_said(self):
        self.act('ingest', reading=True, workers=1, sinks=1, **BOOKS)
        self.act('sink', events=12, reports=3)
        code, out, err = self.page()
        self.assertEqual(code, 1)
        self.assertIn('fewer reports', err)
        self.assertIn('fewer reports', out)

    def test_what_to_do_is_said(self):
        self.act('ingest', reading=False, why_not_reading='the moon is full', workers=0, sinks=0,
                 **BOOKS)
        self.act('sink', healthy=False, why='no space left on device', events=1, reports=9,
                 why_no_credit='it is full',
                 outputs=[{'name': 'ndjson', 'path': '/out', 'offset': 1, 'lag': 41000,
                           'error': 'the path is a directory'}],
                 peers=[{'role': 'ingest', 'name': 'tcp://far:7004', 'up': False},
                        {'role': 'ingest', 'name': 'tcp://near:7004', 'up': True}])
        code, out, err = self.page()
        self.assertEqual((code, err), (0, ''))
        advice = out[out.index('what to do'):]
        for words in ('the moon is full', 'No enricher', 'No sink', 'wiretag dead list',
                      'no space left on device', 'the path is a directory', 'tcp://far:7004'):
            self.assertIn(words, advice)
        self.assertNotIn('near', advice)
        self.assertIn('41,000 events behind', out)

    def test_what_is_held_back_is_said(self):
        self.act('ingest', workers=1, sinks=1, **BOOKS)
        self.act('sink', events=3, reports=9, held=4100, next_due='2031-01-14T10:00:00Z')
        _, out, _ = self.page()
        self.assertIn('4,100 under embargo, the next goes out 2031-01-14T10:00:00Z', out)

    def test_text_from_outside_does_not_steer_the_terminal(self):
        self.act('ingest', workers=1, sinks=1, **BOOKS,
                 peers=[{'name': 'evil\x1b[2J', 'role': 'enrich'}],
                 why_not_reading='a\x1b[31mb\x9b1mc\x7f')
        _, out, _ = run('status', '--data', self.data)
        self.assertIn('evil?[2J', out)
        for sign in '\x1b\x9b\x7f':
            self.assertNotIn(sign, out)


class Real(Flow):
    def test_the_books_and_each_process(self):
        self.start_all(enrichers=2)
        path = os.path.join(self.data, 'feed')
        write_reports(path, range(100))
        self.assertEqual(run('feed', '--data', self.data, path)[0], 0)
        with open(path, 'a', encoding='utf-8') as file:
            file.write(json.dumps(short_report(100)) + '\n')
        self.assertEqual(run('feed', '--data', self.data, path)[0], 0)
        self.wait_committed(101)
        wait_for(lambda: run('health', '--data', self.data)[0] == 0, 20, 'all to be well')
        code, out, err = run('status', '--json', '--data', self.data)
        self.assertEqual((code, err), (0, ''))
        status = json.loads(out)
        self.assertEqual([status[key] for key in BOOKS], [101, 101, 0, 0, 0, 100])
        self.assertEqual(sorted(p['process'].split('-')[0] for p in status['processes']),
                         ['enrich', 'enrich', 'ingest', 'sink'])
        code, out, _ = run('status', '--data', self.data)
        self.assertEqual(code, 0)
        for words in ('101', 'has all events', 'all is well', 'feed.sock'):
            self.assertIn(words, out)

    def test_rates_are_measured(self):
        self.start_all()
        numbers = itertools.count()

        def rate():
            return [peer['per_second'] for peer in self.status('ingest')['peers']
                    if peer['role'] == 'enrich' and peer['per_second'] > 0]

        def rate_of_work():
            feeder.say_record(**short_report(next(numbers)))
            return feeder.answer()[0] == 'OK' and rate()
        with Dialogue(self.tcp()) as feeder:
            wait_for(rate_of_work, 10, 'a rate')
        wait_for(lambda: not rate(), 10, 'no rate, as there is nothing to do')


if __name__ == '__main__':
    unittest.main()
