"""feeders.py: who sends the reports of a chaos run, each in a thread of its own.

A feeder keeps a window of reports without an answer. When its connection breaks it sends all
of them again, under the same guid, on a new one: that is all a feeder has to do (PROTOCOL.md,
"Feeders"). It writes whole frames only, so that a cut never leaves half a report behind."""
import collections
import json
import random
import select
import socket
import threading
import time

import zmq

from oracle import Report
import payload

WINDOW = 64
RETRY_S = 0.05     # between two tries to connect
IMPATIENCE_S = 4   # without an answer the ZeroMQ feeder sends again
HANGING_S = 90     # without an answer a feeder gives up
EMBARGOED = 0.06   # of all reports
EMBARGOED_LONG = 0.005
EMBARGO_S = 5
EMBARGO_LONG_S = 10 * 365 * 86400


class Plenty:
    """What all feeders share: the book, the clock, and whether to stop."""

    def __init__(self, seed, book, rate, patience=1.0):
        self.seed, self.book, self.rate = seed, book, rate
        self.patience = patience
        self.closing = threading.Event()   # nothing new; what is out is still to be answered
        self.abandon = threading.Event()   # end now
        self.known = collections.deque(maxlen=500)  # acknowledged, of all feeders


class Sending:
    __slots__ = ('report', 'ref', 'data')

    def __init__(self, report, ref, data):
        self.report, self.ref, self.data = report, ref, data


class Feeder(threading.Thread):
    """The part that does not know how bytes travel."""
    impatience = None

    def __init__(self, name, plenty, share):
        super().__init__(name=name, daemon=True)
        self.plenty, self.book, self.faults = plenty, plenty.book, plenty.book.faults
        self.rng = random.Random('%s/%s' % (plenty.seed, name))
        self.gap = 1 / (plenty.rate * share)
        self.burst = 0
        self.next_at = time.monotonic()
        self.number = self.sendings = 0
        self.follow_ups = collections.deque()
        self.again = collections.deque()   # reports to be sent once more
        self.out = collections.deque()     # sendings without an answer, oldest first
        self.answered_at = time.monotonic()
        self.connections = 0
        self.busy = 0
        self.cut_wanted = False

    # ---- what to send ----

    def next_report(self):
        """One that was turned away, one that is new, or one that was acknowledged already."""
        if self.again:
            return self.again.popleft()
        if self.follow_ups and self.rng.random() < 0.2:
            return self.follow_ups.popleft()
        if self.plenty.known and self.rng.random() < 0.03:
            try:
                return self.rng.choice(self.plenty.known)
            except IndexError:
                pass
        self.number += 1
        guid = '%s-%06d' % (self.name, self.number)
        return Report(guid, 2 if self.rng.random() < 0.02 else 1, 'new',
                      embargo_ms=self.embargo())

    def embargo(self):
        """Most reports have none; few have one that does not end while anybody looks."""
        chance = self.rng.random()
        if chance >= EMBARGOED:
            return 0
        seconds = EMBARGO_LONG_S if chance < EMBARGOED_LONG else self.rng.uniform(0.05, EMBARGO_S)
        return int((time.time() + seconds) * 1000)

    def follow(self, report):
        """After the first OK for a report: what its story will bring."""
        self.plenty.known.append(report)
        chance = self.rng.random()
        if report.expect == 'new' and report.version == 2:
            self.follow_ups.append(Report(report.guid, 1, 'old'))
        elif report.version == 1 and report.expect == 'new' and chance < 0.05:
            self.follow_ups.append(Report(report.guid, 2, 'update'))
        elif not report.canceled and chance > 0.985:
            self.follow_ups.append(Report(report.guid, 3, 'update', canceled=True))

    def make(self, report):
        self.sendings += 1
        ref = '%s/%d' % (self.name, self.sendings)
        record = payload.record_of(self.plenty.seed, report.guid, report.version, report.canceled,
                                   report.embargo_ms)
        self.book.sends(report, record['text'])
        return Sending(report, ref, self.encode(dict(record, ref=ref)))

    def encode(self, record):
        return json.dumps(record, ensure_ascii=False).encode() + b'\n'

    # ---- what comes back ----

    def take_answer(self, sending, line):
        self.answered_at = time.monotonic()
        words = line.split(' ', 3)
        if len(words) == 4 and words[0] == 'OK' and words[1] == sending.ref:
            first = not sending.report.acked
            self.book.answered(sending.report, int(words[2]), words[3])
            if first and sending.report.acked:
                self.follow(sending.report)
        elif len(words) == 4 and words[:3] == ['ERR', '503', sending.ref]:
            self.busy += 1
            self.again.append(sending.report)
        else:
            self.faults.add('an answer that does not fit', '%s: %r for %s' % (
                self.name, line, sending.ref))

    # ---- the loop ----

    def run(self):
        try:
            while not self.plenty.abandon.is_set() and not self.done():
                self.turn()
        except Exception as wrong:  # the driver has to hear of it
            self.faults.add('a feeder broke', '%s: %r' % (self.name, wrong))
        finally:
            self.disconnect()

    def done(self):
        return self.plenty.closing.is_set() and not self.out and not self.again

    def turn(self):
        if self.cut_wanted:
            self.cut_wanted = False
            self.disconnect()
        now = time.monotonic()
        if not self.connected() and not self.reconnect():
            self.plenty.abandon.wait(RETRY_S)
            if now - self.answered_at > HANGING_S * self.plenty.patience:
                self.give_up('it cannot connect')
            return
        may = len(self.out) < WINDOW and (self.again or not self.plenty.closing.is_set())
        if may and now >= self.next_at:
            self.next_at = max(self.next_at + self.next_gap(), now - 1)  # catches up a second
            self.send_new(self.make(self.next_report()))
            self.listen(0)
        else:
            self.listen(min(0.1, max(0, self.next_at - now)) if may else 0.1)
        self.look_at_the_clock(now)

    def next_gap(self):
        """Now and then many at once, so that queues have something in them: half of all."""
        if self.burst == 0 and self.rng.random() < 0.01:
            self.burst = self.rng.randrange(20, 180)
        if self.burst == 0:
            return 2 * self.gap
        self.burst -= 1
        return 0

    def look_at_the_clock(self, now):
        if not self.out:
            self.answered_at = now
        waited = now - self.answered_at
        if waited > HANGING_S * self.plenty.patience:
            self.give_up('%d without an answer, the oldest %s' % (
                len(self.out), self.out[0].report))
        elif self.impatience and waited > self.impatience:
            self.answered_at = now
            self.disconnect()

    def give_up(self, why):
        self.faults.add('a feeder waits in vain', '%s: %s' % (self.name, why))
        self.plenty.abandon.set()

    def reconnect(self):
        if not self.connect():
            return False
        self.connections += 1
        self.answered_at = time.monotonic()
        again, self.out = self.out, collections.deque()
        for i, sending in enumerate(again):
            fresh = self.make(sending.report)
            if not self.connected():
                self.out.extend(list(again)[i:])
                return False
            self.send_new(fresh)
        return self.connected()

    def send_new(self, sending):
        self.out.append(sending)
        self.send(sending)


class StreamFeeder(Feeder):
    """Over TCP or a Unix socket; where() tells the address of the moment, or None."""

    def __init__(self, name, plenty, share, where, octets=False):
        super().__init__(name, plenty, share)
        self.where, self.octets = where, octets
        self.wire, self.rest = None, b''

    def encode(self, record):
        data = super().encode(record)
        return b'%d %s' % (len(data), data) if self.octets else data

    def connected(self):
        return self.wire is not None

    def connect(self):
        where = self.where()
        if not where:
            return False
        wire = socket.socket(socket.AF_INET if isinstance(where, tuple) else socket.AF_UNIX)
        wire.settimeout(HANGING_S * self.plenty.patience)
        try:
            wire.connect(where)
            wire.sendall(b'HELLO wire/1 ack=1 source=%s%s\n' % (
                self.name.encode(), b' frame=octet' if self.octets else b''))
        except OSError:
            wire.close()
            return False
        self.wire, self.rest = wire, b''
        return True

    def disconnect(self):
        if self.wire:
            self.wire.close()
        self.wire = None

    def send(self, sending):
        try:
            self.wire.sendall(sending.data)
        except socket.timeout:
            self.faults.add('a feeder cannot write', self.name)
            self.plenty.abandon.set()
        except OSError:
            self.disconnect()

    def listen(self, seconds):
        if not self.wire or not select.select([self.wire], [], [], seconds)[0]:
            return
        try:
            data = self.wire.recv(65536)
        except OSError:
            data = b''
        if not data:
            self.disconnect()
            return
        lines = (self.rest + data).split(b'\n')
        self.rest = lines.pop()
        for line in lines:
            self.hear(line.decode())

    def hear(self, line):
        if not self.out:
            self.faults.add('an answer to nothing', '%s: %r' % (self.name, line))
            return
        self.take_answer(self.out.popleft(), line)


class ZmqFeeder(Feeder):
    """A DEALER: nobody tells it of a lost connection, so it goes by the time."""
    impatience = IMPATIENCE_S

    def __init__(self, name, plenty, share, endpoint, context):
        super().__init__(name, plenty, share)
        self.endpoint, self.context = endpoint, context
        self.socket = None

    def connected(self):
        return self.socket is not None

    def connect(self):
        self.socket = self.context.socket(zmq.DEALER)
        self.socket.set(zmq.LINGER, 0)
        self.socket.set(zmq.RECONNECT_IVL, 20)
        self.socket.connect(self.endpoint)
        return True

    def disconnect(self):
        if self.socket:
            self.socket.close()
        self.socket = None

    def send(self, sending):
        try:
            self.socket.send_multipart([sending.ref.encode(), sending.data], zmq.DONTWAIT)
        except zmq.Again:
            self.disconnect()

    def listen(self, seconds):
        if not self.socket or not self.socket.poll(int(seconds * 1000)):
            return
        while self.socket and self.socket.poll(0):
            self.hear(self.socket.recv().decode())

    def hear(self, line):
        """Answers come in order: what stands before it in the window is lost."""
        ref = (line.split(' ', 3) + [''] * 3)[2 if line.startswith('ERR') else 1]
        if not any(sending.ref == ref for sending in self.out):
            self.faults.add('an answer to nothing', '%s: %r' % (self.name, line))
            return
        while self.out[0].ref != ref:
            self.again.append(self.out.popleft().report)
        self.take_answer(self.out.popleft(), line)


class Again(StreamFeeder):
    """Sends reports that were acknowledged long ago: each has to be known still."""

    def __init__(self, name, plenty, where, reports):
        super().__init__(name, plenty, 1, where)
        self.again.extend(reports)
        self.gap = 0
