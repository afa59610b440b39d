"""oracle.py: what was promised to the feeders, and whether it was kept.

The book holds every report sent: the digest of its text and what was answered. Nothing here
asks the program's opinion of itself: events are read from the sink's database and from its
NDJSON files and held against the book.

    every report with an OK (new, update, dup)    in both exactly once
    without an answer                             at most once: it may have been accepted
    answered old                                  in neither
    one under embargo                             not before that ends; until then in table
                                                  held, once; and in nothing at all where a
                                                  later version of its story came meanwhile
    every event                                   that report's text, under the index its
                                                  feeder was told; both in one order
"""
import collections
import datetime
import glob
import hashlib
import json
import os
import re
import sqlite3
import threading

import payload

EXAMPLES = 5
VERSIONS = 3     # a story has at most
LATE_MS = 3000   # after its embargo an event is out, where the sink runs
EMBARGO = re.compile(rb'"embargo_until":"([^"]*)Z"')
ID = re.compile(r'([0-9a-f]{32})-(\d+)\.(\d+)')


class Faults:
    """What was wrong, by kind, with the first examples of each."""

    def __init__(self):
        self.lock = threading.Lock()
        self.kinds = collections.OrderedDict()

    def add(self, kind, example=''):
        with self.lock:
            seen = self.kinds.setdefault(kind, [0, []])
            seen[0] += 1
            if len(seen[1]) < EXAMPLES:
                seen[1].append(str(example))

    def __bool__(self):
        return bool(self.kinds)

    def lines(self):
        for kind, (count, examples) in self.kinds.items():
            yield '%d x %s' % (count, kind)
            for example in examples:
                yield '      %s' % example


class Report:
    """One version of one story, as its feeder knows it."""
    __slots__ = ('guid', 'version', 'canceled', 'expect', 'digest', 'sendings', 'acked',
                 'old', 'seq', 'embargo_ms')

    def __init__(self, guid, version, expect, canceled=False, embargo_ms=0):
        self.guid, self.version, self.canceled = guid, version, canceled
        self.embargo_ms = embargo_ms
        self.expect = expect  # the verdict it gets when nobody has had it: new, update, old
        self.digest = None
        self.sendings = 0     # how often it went out
        self.acked = False    # answered OK and not old
        self.old = False
        self.seq = 0          # its index, by the answers

    def __str__(self):
        return '%s version %d (sent %d times, %s, seq %d)' % (
            self.guid, self.version, self.sendings,
            'acknowledged' if self.acked else 'old' if self.old else 'no OK', self.seq)


class Book:
    """Everything that was sent and answered. Used by all feeders at once."""

    def __init__(self, faults):
        self.faults = faults
        self.lock = threading.Lock()
        self.reports = {}     # (guid, version): Report
        self.by_seq = {}
        self.acked = 0        # distinct reports
        self.duplicates = 0   # answered dup
        self.answers = 0

    def sends(self, report, text):
        """To be called before the first byte goes out."""
        with self.lock:
            report.sendings += 1
            if report.sendings == 1:
                report.digest = payload.digest_of(text)
                self.reports[report.guid, report.version] = report

    def answered(self, report, seq, verdict):
        with self.lock:
            self.answers += 1
            wrong = self.judge(report, seq, verdict)
            self.note(report, seq, verdict)
        if wrong:
            self.faults.add(wrong, '%s: now %s %d' % (report, verdict, seq))

    @staticmethod
    def judge(report, seq, verdict):
        if verdict == 'dup':
            if report.sendings == 1:
                return 'answered dup although it was sent but once'
            if report.expect == 'old':
                return 'answered dup although a newer version was there first'
        elif verdict != report.expect:
            return 'answered %s instead of %s' % (verdict, report.expect)
        elif report.acked:
            return 'taken in twice'
        if verdict != 'old' and report.seq and seq != report.seq:
            return 'acknowledged under two indices'
        return None

    def note(self, report, seq, verdict):
        if verdict == 'old':
            report.old = True
            return
        self.duplicates += verdict == 'dup'
        self.acked += not report.acked
        report.acked = True
        report.seq = report.seq or seq
        if self.by_seq.setdefault(seq, report) is not report:
            self.faults.add('one index for two reports',
                            '%d: %s and %s' % (seq, self.by_seq[seq], report))


Row = collections.namedtuple('Row', 'offset journal idx part guid version canceled stored_ms json')
Held = collections.namedtuple('Held', 'due_ms uuid idx part guid version canceled json')


def database_rows(path):
    """All rows in order of offset; json as bytes."""
    with sqlite3.connect(path) as database:
        for row in database.execute('SELECT offset, journal, idx, part, guid, version, '
                                    'canceled, stored_ms, json FROM events ORDER BY offset'):
            row = Row(*row)
            text = row.json
            yield row._replace(json=text.encode() if isinstance(text, str) else bytes(text))


def held_rows(path):
    """All events that wait for the end of their embargo."""
    with sqlite3.connect(path) as database:
        for row in database.execute(
                'SELECT due_ms, lower(hex(j.uuid)), idx, part, guid, version, canceled, json '
                'FROM held JOIN journals j ON j.number = journal'):
            yield Held(*row)


def last_written_ms(path):
    """When the sink last wrote to its database, at the latest when it ended."""
    return max(os.path.getmtime(name) for name in (path, path + '-wal')
               if os.path.exists(name)) * 1000


def database_is_sound(path):
    with sqlite3.connect(path) as database:
        return [row[0] for row in database.execute('PRAGMA integrity_check')] == ['ok']


def order_of_file(path):
    """events-20200114.ndjson, events-20200114-2.ndjson, ..., events.ndjson"""
    name = re.fullmatch(r'events(?:-(\d{8})(?:-(\d+))?)?\.ndjson', os.path.basename(path))
    return (int(name.group(1) or 99999999), int(name.group(2) or 1)) if name else (0, 0)


def ndjson_lines(data):
    """The lines of all files in the order in which they were written, without LF."""
    for path in sorted(glob.glob(data + '/events*.ndjson'), key=order_of_file):
        with open(path, 'rb') as file:
            for line in file:
                yield line[:-1] if line.endswith(b'\n') else line + b' <no LF>'


class Audit:
    """Holds the events against the book, one after the other, then the book against them."""

    def __init__(self, seed, book, faults):
        self.seed, self.book, self.faults = seed, book, faults
        self.parts = {}         # (guid, version): parts found
        self.places = {}        # (guid, version): transport id
        self.journals = {}      # the database's small numbers: uuid
        self.digests = {}       # offset: digest of the event's bytes
        self.events = 0
        self.transports = set()
        self.held = {}          # (guid, version): parts held back
        self.unseen = 0         # reports that ended before anybody saw them

    def take(self, offset, line, row=None):
        """One event; offset as the journal has it, row where there is a database."""
        self.events += 1
        self.digests[offset] = hashlib.blake2b(line, digest_size=8).digest()
        try:
            event = json.loads(line)
            key = event['guid'], event['version']
            uuid, index, part = ID.fullmatch(event['id']).groups()
            place, part = (uuid, int(index)), int(part)
            fault = self.compare(event, key, place, part)
            if row and not fault:
                fault = self.compare_row(row, key, place, part)
        except (ValueError, KeyError, AttributeError, TypeError) as wrong:
            fault = 'an event that cannot be read (%r)' % wrong
        if fault:
            self.faults.add(fault, 'offset %d: %s' % (offset, line[:300]))

    def compare(self, event, key, place, part):
        report = self.book.reports.get(key)
        if not report:
            return 'an event nobody sent'
        self.transports.add(place)
        if self.places.setdefault(key, place) != place:
            return 'a report that came out under two ids'
        if report.seq and report.seq != place[1]:
            return 'an event under another index than its feeder was told'
        seen = self.parts.setdefault(key, set())
        if part in seen or part != event['part']['n']:
            return 'an event twice'
        seen.add(part)
        if (event['status'] == 'canceled') != report.canceled:
            return 'an event with the wrong status'
        return None if self.text_is_right(event, report) else "an event with another's text"

    def text_is_right(self, event, report):
        part = event['part']
        if part['of'] == 1:
            return payload.digest_of(event['text']) == report.digest
        whole = payload.text_of(self.seed, report.guid, report.version)
        return event['text'] == whole[part['start']:part['end']]

    def compare_row(self, row, key, place, part):
        uuid = self.journals.setdefault(row.journal, place[0])
        canceled = self.book.reports[key].canceled
        if row.stored_ms < self.book.reports[key].embargo_ms:
            return 'an event before its embargo ended'
        if (row.guid, row.version, bool(row.canceled)) != key + (canceled,) or \
                (uuid, row.idx, row.part) != place + (part,):
            return 'a row whose columns are not those of its event'
        return None

    def take_held(self, row, ended_ms):
        """One event of table held, when the sink had last looked at it at ended_ms."""
        try:
            fault = self.compare_held(row, json.loads(row.json), ended_ms)
        except (ValueError, KeyError, AttributeError, TypeError) as wrong:
            fault = 'a held event that cannot be read (%r)' % wrong
        if fault:
            self.faults.add(fault, '%s version %s, due %d ms after the end' % (
                row.guid, row.version, row.due_ms - ended_ms))

    def compare_held(self, row, event, ended_ms):
        key, place = (row.guid, row.version), (row.uuid, row.idx)
        report = self.book.reports.get(key)
        if not report or report.embargo_ms != row.due_ms:
            return 'a held event nobody sent so'
        if key in self.parts:
            return 'an event held that came out'
        if row.due_ms < ended_ms - LATE_MS:
            return 'an event held although it was due'
        if (event['guid'], event['version'], bool(row.canceled)) != key + (report.canceled,) or \
                ID.fullmatch(event['id']).groups() != (row.uuid, str(row.idx), str(row.part)):
            return 'a row whose columns are not those of its event'
        if report.seq and report.seq != row.idx:
            return 'an event under another index than its feeder was told'
        self.transports.add(place)
        self.held.setdefault(key, set()).add(row.part)
        return None if self.text_is_right(event, report) else "an event with another's text"

    def may_be_unseen(self, report):
        """Did a later version of its story come before its embargo ended?"""
        return report.embargo_ms and any(
            (report.guid, version) in self.parts or (report.guid, version) in self.held
            for version in range(report.version + 1, VERSIONS + 1))

    def unseen_bounds(self):
        """How many reports were accepted that have left no row behind: least and most."""
        gone = [report for key, report in self.book.reports.items()
                if key not in self.parts and key not in self.held and self.may_be_unseen(report)]
        return sum(1 for report in gone if report.acked), len(gone)

    def compare_stories(self, path):
        """Of each story the highest version, unless it was canceled."""
        wanted, canceled = {}, set()
        for guid, version in self.parts:
            wanted[guid] = max(version, wanted.get(guid, 0))
            if self.book.reports[guid, version].canceled:
                canceled.add(guid)
        with sqlite3.connect(path) as database:
            stories = list(database.execute('SELECT DISTINCT guid, version FROM stories'))
        wrong = set(stories) ^ {story for story in wanted.items() if story[0] not in canceled}
        if wrong:
            self.faults.add('stories in the wrong version', sorted(wrong)[:EXAMPLES])

    def finish(self):
        """What the book has and the events have not."""
        if len(set(self.journals.values())) != len(self.journals):
            self.faults.add('two journals under one uuid', self.journals)
        for key, report in self.book.reports.items():
            found = key in self.parts
            if report.acked and not found and key not in self.held:
                if self.may_be_unseen(report):
                    self.unseen += 1
                else:
                    self.faults.add('an acknowledged report is lost', report)
            if report.old and not report.acked and found:
                self.faults.add('a report came out although it was refused as old', report)
        for key, parts in list(self.parts.items()) + list(self.held.items()):
            if parts != set(range(1, len(parts) + 1)):
                self.faults.add('a part of a report is lost', key)


def audit(data, seed, book, faults):
    """Both of the sink's outputs. Returns the Audit."""
    result = Audit(seed, book, faults)
    path = os.path.join(data, 'events.db')
    lines = ndjson_lines(data)
    if not os.path.exists(path):
        for number, line in enumerate(lines, 1):
            result.take(number, line)
        result.finish()
        return result
    if not database_is_sound(path):
        faults.add('the database is not sound', path)
    last = 0
    for row in database_rows(path):
        if row.offset != last + 1:
            faults.add('a hole in the offsets', '%d after %d' % (row.offset, last))
        last = row.offset
        result.take(row.offset, row.json, row)
        line = next(lines, None)
        if line != row.json:
            faults.add('NDJSON and database differ', 'offset %d: NDJSON has %s' % (
                row.offset, (line or b'nothing')[:200]))
            break
    for row in held_rows(path):
        result.take_held(row, last_written_ms(path))
    result.compare_stories(path)
    extra = sum(1 for _ in lines)
    if extra and not faults:
        faults.add('more lines than events', '%d of them' % extra)
    result.finish()
    return result


class Listener:
    """What a subscriber heard, checked as it comes and against the journal at the end."""

    def __init__(self, faults):
        self.faults = faults
        self.epoch = None
        self.last = 0           # offset, which is the sequence of the empty query
        self.first = None
        self.missed = 0         # by the gaps it saw
        self.heard = []         # (offset, digest of the bytes)
        self.head = 0           # where the sink said the stream is

    def event(self, epoch, offset, sequence, body):
        self.of_epoch(epoch)
        if sequence != offset:
            self.faults.add('sequence and offset of the empty query differ',
                            '%d, %d' % (sequence, offset))
        embargo = EMBARGO.search(body[:4096])
        if embargo and datetime.datetime.fromisoformat(
                embargo.group(1).decode()) > datetime.datetime.utcnow():
            self.faults.add('published before its embargo ended', body[:300])
        if offset <= self.last:
            self.faults.add('published twice or out of order', '%d after %d' % (offset, self.last))
        elif self.first is not None:
            self.missed += offset - self.last - 1
        if self.first is None:
            self.first = offset
        self.last = max(self.last, offset)
        self.heard.append((offset, hashlib.blake2b(body, digest_size=8).digest()))

    def heads(self, epoch, offset, sequence):
        """Of all events up to the offset it will hear no more."""
        self.of_epoch(epoch)
        if sequence != offset or offset < self.last:
            self.faults.add('a head behind the events', '%d/%d after %d' % (
                offset, sequence, self.last))
        self.head = offset

    def of_epoch(self, epoch):
        if self.epoch is None:
            self.epoch = epoch
        elif epoch != self.epoch:
            self.faults.add('the epoch changed', '%s to %s' % (self.epoch.hex(), epoch.hex()))
            self.epoch, self.last, self.first, self.head = epoch, 0, None, 0

    def check(self, digests):
        """digests: of the journal's events, by offset."""
        for offset, digest in self.heard:
            if digests.get(offset) != digest:
                self.faults.add('published, but not in the journal so', 'offset %d' % offset)
        tail = max(0, self.head - self.last)
        before = (self.first or 1) - 1
        if self.head != len(digests):
            self.faults.add('the last head is not the end of the journal',
                            '%d of %d' % (self.head, len(digests)))
        elif before + len(self.heard) + self.missed + tail != len(digests):
            self.faults.add('events missed that no gap showed', '%d heard, %d in gaps, %d events' % (
                len(self.heard), before + self.missed + tail, len(digests)))


class Balance:
    """The books of ingest, poll after poll, over all its lives."""

    def __init__(self, faults):
        self.faults = faults
        self.polls = 0
        self.accepted = 0
        self.figures = {}       # pid: the last of leases_lost and so on

    def take(self, status, promised, lasts=True):
        """promised: reports acknowledged before it was asked."""
        self.polls += 1
        books = ' '.join('%s=%d' % (word, status[word]) for word in (
            'accepted', 'committed', 'dead', 'leased', 'queued'))
        if status['accepted'] != sum(status[word] for word in (
                'committed', 'dead', 'leased', 'queued')):
            self.faults.add('the books do not balance', books)
        if status['balanced'] is not True:
            self.faults.add('ingest itself says the books do not balance', books)
        if status['dead']:
            self.faults.add('a dead letter', books)
        if lasts and status['accepted'] < promised:
            self.faults.add('fewer accepted than acknowledged', '%s, %d' % (books, promised))
        if lasts and status['accepted'] < self.accepted:
            self.faults.add('accepted went backwards', '%s after %d' % (books, self.accepted))
        self.accepted = status['accepted']
        self.figures[status['pid']] = status

    def sum(self, word):
        return sum(status[word] for status in self.figures.values())
