#!/usr/bin/python3
"""The oracle finds what it is there to find: each test breaks one thing."""
import json
import os
import shutil
import sqlite3
import tempfile
import time
import unittest

import oracle
import payload

SEED = 'test'
UUID = '%032x' % 7
BOOKS = {'accepted': 9, 'committed': 5, 'dead': 0, 'leased': 1, 'queued': 3, 'balanced': True,
         'pid': 1}


class Book(unittest.TestCase):
    def setUp(self):
        self.faults = oracle.Faults()
        self.book = oracle.Book(self.faults)

    def sent(self, guid, version=1, expect='new', times=1):
        report = oracle.Report(guid, version, expect)
        for _ in range(times):
            self.book.sends(report, payload.text_of(SEED, guid, version))
        return report

    def found(self, kind):
        self.assertEqual([kind], list(self.faults.kinds))

    def test_all_as_it_should_be(self):
        self.book.answered(self.sent('a'), 1, 'new')
        self.book.answered(self.sent('a', 2, 'update'), 2, 'update')
        self.book.answered(self.sent('b', 1, 'old'), 2, 'old')
        resent = self.sent('c', times=2)
        self.book.answered(resent, 3, 'dup')
        self.book.answered(resent, 3, 'dup')
        self.assertFalse(self.faults)
        self.assertEqual((self.book.acked, self.book.duplicates), (3, 2))

    def test_dup_of_one_sent_once(self):
        self.book.answered(self.sent('a'), 1, 'dup')
        self.found('answered dup although it was sent but once')

    def test_taken_in_twice(self):
        report = self.sent('a', times=2)
        self.book.answered(report, 1, 'dup')
        self.book.answered(report, 2, 'new')
        self.assertIn('taken in twice', self.faults.kinds)

    def test_wrong_verdict(self):
        self.book.answered(self.sent('a', 2, 'update'), 1, 'new')
        self.found('answered new instead of update')

    def test_two_indices(self):
        report = self.sent('a', times=2)
        self.book.answered(report, 1, 'new')
        self.book.answered(report, 4, 'dup')
        self.assertIn('acknowledged under two indices', self.faults.kinds)

    def test_one_index_for_two(self):
        self.book.answered(self.sent('a'), 1, 'new')
        self.book.answered(self.sent('b'), 1, 'new')
        self.found('one index for two reports')


class Outputs(unittest.TestCase):
    """Three reports, all acknowledged, in database and NDJSON; then something is done to them."""

    def setUp(self):
        self.data = tempfile.mkdtemp(prefix='wtoracle-')
        self.addCleanup(shutil.rmtree, self.data)
        self.faults = oracle.Faults()
        self.book = oracle.Book(self.faults)
        self.events, self.held = [], []
        self.stored_ms = int(time.time() * 1000)
        for number, guid in enumerate(('a', 'b', 'c'), 1):
            report = oracle.Report(guid, 1, 'new')
            self.book.sends(report, payload.text_of(SEED, guid, 1))
            self.book.answered(report, number, 'new')
            self.events.append(self.event(guid, number))

    @staticmethod
    def event(guid, index):
        text = payload.text_of(SEED, guid, 1)
        return {'id': '%s-%d.1' % (UUID, index), 'guid': guid, 'version': 1, 'text': text,
                'status': 'usable', 'part': {'n': 1, 'of': 1, 'start': 0, 'end': len(text)}}

    def write(self, events=None, lines=None, database=True, stories='0'):
        events = self.events if events is None else events
        with open(self.data + '/events.ndjson', 'w', encoding='utf-8') as file:
            file.writelines(json.dumps(e) + '\n' for e in (events if lines is None else lines))
        if not database:
            return
        with sqlite3.connect(self.data + '/events.db') as db:
            db.execute('CREATE TABLE events (offset INTEGER PRIMARY KEY, journal, idx, part, guid, '
                       'version, canceled, stored_ms, json)')
            db.execute('CREATE TABLE journals (number, uuid)')
            db.execute('INSERT INTO journals VALUES (1, ?)', (bytes.fromhex(UUID),))
            db.execute('CREATE TABLE held (due_ms, journal, idx, part, guid, version, canceled, json)')
            db.executemany('INSERT INTO held VALUES (?, 1, ?, 1, ?, 1, 0, ?)', self.held)
            for e in events:
                index = int(e['id'].split('-')[1].split('.')[0])
                db.execute('INSERT INTO events (journal, idx, part, guid, version, canceled, '
                           'stored_ms, json) VALUES (1, ?, 1, ?, ?, ?, ?, ?)', (
                               index, e['guid'], e['version'], e['status'] == 'canceled',
                               self.stored_ms, json.dumps(e)))
            db.execute('CREATE VIEW stories AS SELECT guid, max(version) AS version FROM events '
                       'GROUP BY guid HAVING max(canceled) = 0 OR ' + stories)

    def judged(self):
        self.audit = oracle.audit(self.data, SEED, self.book, self.faults)
        return list(self.faults.kinds)

    def test_all_as_it_should_be(self):
        self.write()
        self.assertEqual(self.judged(), [])
        self.assertEqual(self.audit.events, 3)

    def test_without_a_database(self):
        self.write(database=False)
        self.assertEqual(self.judged(), [])

    def test_lost(self):
        self.write(self.events[:2])
        self.assertEqual(self.judged(), ['an acknowledged report is lost'])

    def test_twice(self):
        self.write(self.events + self.events[:1])
        self.assertEqual(self.judged(), ['an event twice'])

    def test_twice_under_another_id(self):
        self.write(self.events + [self.event('a', 4)])
        self.assertEqual(self.judged(), ['a report that came out under two ids'])

    def test_invented(self):
        self.write(self.events + [self.event('d', 4)])
        self.assertIn('an event nobody sent', self.judged())

    def test_another_text(self):
        self.events[1]['text'] = self.events[0]['text']
        self.write()
        self.assertEqual(self.judged(), ["an event with another's text"])

    def test_another_index(self):
        self.events[2]['id'] = '%s-4.1' % UUID
        self.write()
        self.assertIn('an event under another index than its feeder was told', self.judged())

    def test_lost_in_the_file_only(self):
        self.write(lines=self.events[:2])
        self.assertEqual(self.judged(), ['NDJSON and database differ'])

    def test_twice_in_the_file_only(self):
        self.write(lines=self.events + self.events[2:])
        self.assertEqual(self.judged(), ['more lines than events'])

    def test_another_order_in_the_file(self):
        self.write(lines=self.events[::-1])
        self.assertIn('NDJSON and database differ', self.judged())

    def test_a_torn_last_line(self):
        self.write()
        with open(self.data + '/events.ndjson', 'a', encoding='utf-8') as file:
            file.write('{"id"')
        self.assertEqual(self.judged(), ['more lines than events'])

    def test_old_ones_stay_out(self):
        report = oracle.Report('d', 1, 'old')
        self.book.sends(report, payload.text_of(SEED, 'd', 1))
        self.book.answered(report, 3, 'old')
        self.write(self.events + [self.event('d', 4)])
        self.assertEqual(self.judged(), ['a report came out although it was refused as old'])

    def hold(self, due_ms):
        """The first report under embargo."""
        self.book.reports['a', 1].embargo_ms = due_ms
        event = self.events.pop(0)
        self.held = [(due_ms, 1, 'a', json.dumps(event))]
        return event

    def test_held(self):
        self.hold(self.stored_ms + 1000000)
        self.write()
        self.assertEqual(self.judged(), [])

    def test_held_too_long(self):
        self.hold(self.stored_ms - 1000000)
        self.write()
        self.assertEqual(self.judged(), ['an event held although it was due',
                                         'an acknowledged report is lost'])

    def test_held_and_out(self):
        event = self.hold(self.stored_ms)
        self.write([event] + self.events)
        self.assertEqual(self.judged(), ['an event held that came out'])

    def test_out_too_early(self):
        self.book.reports['b', 1].embargo_ms = self.stored_ms + 1
        self.write()
        self.assertEqual(self.judged(), ['an event before its embargo ended'])

    def test_unseen_but_nothing_came_after_it(self):
        self.hold(self.stored_ms + 1000000)
        self.held = []
        self.write()
        self.assertEqual(self.judged(), ['an acknowledged report is lost'])

    def test_unseen_since_a_later_version_came(self):
        self.hold(self.stored_ms + 1000000)
        self.held = []
        report = oracle.Report('a', 2, 'update')
        self.book.sends(report, payload.text_of(SEED, 'a', 1))
        self.book.answered(report, 4, 'update')
        self.write(self.events + [dict(self.event('a', 4), version=2)])
        self.assertEqual(self.judged(), [])
        self.assertEqual(self.audit.unseen, 1)

    def cancel(self):
        self.book.reports['a', 1].canceled = True
        self.events[0]['status'] = 'canceled'

    def test_canceled(self):
        self.cancel()
        self.write()
        self.assertEqual(self.judged(), [])

    def test_canceled_but_still_a_story(self):
        self.cancel()
        self.write(stories='1')
        self.assertEqual(self.judged(), ['stories in the wrong version'])

    def test_not_canceled(self):
        self.book.reports['a', 1].canceled = True
        self.write()
        self.assertIn('an event with the wrong status', self.judged())


class Subscriber(unittest.TestCase):
    def setUp(self):
        self.faults = oracle.Faults()
        self.listener = oracle.Listener(self.faults)
        self.digests = {}

    def hear(self, *offsets, epoch=b'e' * 16):
        for offset in offsets:
            self.listener.event(epoch, offset, offset, b'event %d' % offset)

    def check(self, events, head):
        audit = oracle.Audit(SEED, oracle.Book(oracle.Faults()), oracle.Faults())
        for offset in range(1, events + 1):
            audit.take(offset, b'event %d' % offset)
        self.listener.heads(b'e' * 16, head, head)
        self.listener.check(audit.digests)
        return list(self.faults.kinds)

    def test_too_early(self):
        self.listener.event(b'e' * 16, 1, 1, b'{"embargo_until":"2999-01-14T10:00:00.000Z"}')
        self.assertEqual(list(self.faults.kinds), ['published before its embargo ended'])

    def test_gaps_are_counted(self):
        self.hear(2, 3, 7)
        self.assertEqual(self.check(9, 9), [])
        self.assertEqual(self.listener.missed, 3)

    def test_twice(self):
        self.hear(1, 2, 2)
        self.assertEqual(self.check(2, 2), ['published twice or out of order',
                                            'events missed that no gap showed'])

    def test_not_in_the_journal(self):
        self.hear(1, 2)
        self.listener.event(b'e' * 16, 3, 3, b'something else')
        self.assertEqual(self.check(3, 3), ['published, but not in the journal so'])

    def test_a_lying_head(self):
        self.hear(1, 2)
        self.assertEqual(self.check(3, 2), ['the last head is not the end of the journal'])

    def test_another_epoch(self):
        self.hear(1)
        self.hear(2, epoch=b'f' * 16)
        self.assertIn('the epoch changed', self.faults.kinds)


class Balance(unittest.TestCase):
    def setUp(self):
        self.faults = oracle.Faults()
        self.balance = oracle.Balance(self.faults)

    def found(self, **changes):
        self.balance.take(dict(BOOKS, **changes), 9)
        return list(self.faults.kinds)

    def test_all_as_it_should_be(self):
        self.assertEqual(self.found(), [])

    def test_out_of_balance(self):
        self.assertEqual(self.found(queued=4), ['the books do not balance'])

    def test_a_dead_letter(self):
        self.assertEqual(self.found(dead=1, queued=2), ['a dead letter'])

    def test_fewer_than_promised(self):
        self.assertEqual(self.found(accepted=8, queued=2), ['fewer accepted than acknowledged'])

    def test_backwards(self):
        self.found(accepted=10, queued=4)
        self.assertEqual(self.found(), ['accepted went backwards'])


if __name__ == '__main__':
    unittest.main()
