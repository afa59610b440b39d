"""run.py: one run from the first process to the verdict. chaos.py does the harm at random,
test_crash_points.py at chosen places."""
import glob
import os
import re
import shutil
import struct
import tempfile
import threading
import time

import zmq

import feeders
import oracle
from harness import PATIENCE, SANITIZER_WORDS, wait_for
from pipeline import Apart, Up

POLL_S = 0.1
QUIET_S = 60      # for the last commits
LOOK_AGAIN = 40   # acknowledged reports sent once more at the very end
BAD_WORDS = re.compile(r'UP-DIED.*exit code [1-9]|UP-DIED.*signal (?!9\b)|terminate called'
                       r'|level=error|^ERROR')


class Poller(threading.Thread):
    """Asks ingest for its books, again and again."""

    def __init__(self, pipeline, book, balance):
        super().__init__(name='poller', daemon=True)
        self.pipeline, self.book, self.balance = pipeline, book, balance
        self.stopping = threading.Event()
        self.start()

    def run(self):
        while not self.stopping.wait(POLL_S):
            promised = self.book.acked
            status = self.pipeline.status('ingest')
            if status:
                self.balance.take(status, promised)

    def stop(self):
        self.stopping.set()
        self.join()


class Subscriber(threading.Thread):
    """A SUB socket that is there from the first event to the last."""

    def __init__(self, endpoint, listener, context):
        super().__init__(name='subscriber', daemon=True)
        self.listener = listener
        self.stopping = threading.Event()
        self.socket = context.socket(zmq.SUB)
        self.socket.set(zmq.LINGER, 0)
        self.socket.set(zmq.RCVHWM, 100000)
        self.socket.set(zmq.RECONNECT_IVL, 20)
        self.socket.subscribe(b'')
        self.socket.subscribe(b'?')
        self.socket.connect(endpoint)
        self.start()

    def run(self):
        while not self.stopping.is_set():
            if self.socket.poll(100):
                self.take(*self.socket.recv_multipart())
        self.socket.close()

    def take(self, topic, header, body):
        epoch, offset, sequence = struct.unpack('<16sQQ', header)
        if topic == b'\0':
            self.listener.event(epoch, offset, sequence, body)
        elif topic == b'?\0':
            self.listener.heads(epoch, offset, sequence)
        else:
            self.listener.faults.add('a topic nobody asked for', topic)

    def stop(self):
        self.stopping.set()
        self.join()


class Run:
    """Processes, feeders, subscriber, books; and what became of it all."""

    def __init__(self, seed, rate=400, up=False, enrichers=3, options=None):
        self.seed = seed
        self.data = tempfile.mkdtemp(prefix='wtchaos-')
        self.faults = oracle.Faults()
        self.book = oracle.Book(self.faults)
        self.balance = oracle.Balance(self.faults)
        self.listener = oracle.Listener(self.faults)
        self.log_file = open(os.path.join(self.data, 'chaos.log'), 'w', encoding='utf-8')
        self.began = time.monotonic()
        kind = Up if up else Apart
        self.pipeline = kind(self.data, self.faults, self.log, enrichers, options)
        self.context = zmq.Context()
        self.plenty = feeders.Plenty(seed, self.book, rate, PATIENCE)
        self.feeders = []
        self.audit = None

    def log(self, text):
        self.log_file.write('%8.3f %s\n' % (time.monotonic() - self.began, text))
        self.log_file.flush()

    # ---- beginning ----

    def start(self):
        self.subscriber = Subscriber(self.pipeline.events, self.listener, self.context)
        self.pipeline.start()
        self.poller = Poller(self.pipeline, self.book, self.balance)
        wait_for(self.all_answer, 30, 'the processes to answer')
        tcp, unix = self.pipeline.where_tcp, self.pipeline.where_unix
        stream = feeders.StreamFeeder
        self.feeders = [
            stream('tcp-a', self.plenty, 0.2, tcp),
            stream('tcp-b', self.plenty, 0.2, tcp, octets=True),
            stream('unix-a', self.plenty, 0.25, unix),
            stream('unix-b', self.plenty, 0.1, unix, octets=True),
            feeders.ZmqFeeder('zmq', self.plenty, 0.25, self.pipeline.zmq, self.context)]
        for feeder in self.feeders:
            feeder.start()

    def all_answer(self):
        """The first start is to be a whole one, so that harm begins with a flow to harm."""
        self.pipeline.tick()
        status = self.pipeline.status('ingest')
        return self.faults or (status and status['sinks'] == 1 and
                               status['workers'] == len(self.pipeline.names) - 2)

    # ---- the end ----

    def finish(self):
        """Lets all come to rest, stops it politely and compares. True: all is well."""
        try:
            self.come_to_rest()
            self.log('all is at rest')
            self.figures = self.pipeline.status('ingest')
            self.poller.stop()
            self.pipeline.stop()
            self.log('all have stopped')
            if not self.faults:
                self.look_again()
            self.compare()
            self.log('compared')
        except AssertionError as wrong:
            self.faults.add('it did not come to rest', wrong)
        finally:
            self.close()
        return not self.faults

    def come_to_rest(self):
        self.pipeline.calm()
        self.plenty.closing.set()
        for feeder in self.feeders:
            while feeder.is_alive():
                self.pipeline.tick()
                feeder.join(0.05)
        self.log('the feeders are done')
        before, now = None, self.how_far()
        while before != now:  # a busy disk may take longer, but not stand still
            try:
                wait_for(self.at_rest, QUIET_S, lambda: 'the last commits, the books being %s and '
                         'the sink %s' % (self.pipeline.status('ingest'),
                                          self.pipeline.status('sink')))
                return
            except AssertionError:
                before, now = now, self.how_far()
                if before == now:
                    raise

    def how_far(self):
        books, sink = self.pipeline.status('ingest'), self.pipeline.status('sink')
        return (books and books['committed'],
                sink and [output['offset'] for output in sink['outputs']])

    def at_rest(self):
        self.pipeline.tick()
        books, sink = self.pipeline.status('ingest'), self.pipeline.status('sink')
        return (
            books and sink and books['queued'] + books['leased'] == 0 and
            books['accepted'] == books['committed'] + books['dead'] and
            all(output['lag'] == 0 for output in sink['outputs']) and
            not self.is_due_soon(sink) and
            self.listener.head == sink['journal']['offset'])

    @staticmethod
    def is_due_soon(sink):
        """Is there an embargo that ends while we look?"""
        return sink['next_due'] and sink['next_due'] < '%d' % (time.gmtime().tm_year + 2)

    def look_again(self):
        """What was promised before a polite stop holds after it."""
        self.pipeline.start()
        accepted = self.figures['accepted']

        wait_for(self.all_answer, QUIET_S, 'the processes to answer after a restart')
        known = [report for report in self.book.reports.values() if report.acked]
        asker = feeders.Again('again', self.plenty, self.pipeline.where_tcp,
                              known[::max(1, len(known) // LOOK_AGAIN)])
        asker.start()
        asker.join()
        books = self.pipeline.status('ingest')
        if not books or (books['accepted'], books['committed']) != (accepted, accepted):
            self.faults.add('other books after a restart', '%d accepted before, now %s' % (
                accepted, books))
        self.pipeline.stop()

    def compare(self):
        self.subscriber.stop()
        self.audit = oracle.audit(self.data, self.seed, self.book, self.faults)
        self.listener.check(self.audit.digests)
        least, most = self.audit.unseen_bounds()
        stored = len(self.audit.transports)
        if not stored + least <= self.figures['accepted'] <= stored + most:
            self.faults.add('reports accepted and reports stored differ', '%d, %d; %d to %d unseen' % (
                self.figures['accepted'], stored, least, most))
        if self.figures['accepted'] != self.figures['committed'] or self.figures['dead']:
            self.faults.add('not all is committed', self.figures)
        self.read_logs()

    def read_logs(self):
        for path in glob.glob(self.data + '/*.log'):
            with open(path, encoding='utf-8', errors='replace') as file:
                for line in file:
                    if 'UP-DIED' in line and 'signal 15 ' in line and self.pipeline.young:
                        self.pipeline.young -= 1
                        continue
                    if SANITIZER_WORDS.search(line) or BAD_WORDS.search(line):
                        self.faults.add('a bad word in a log', '%s: %s' % (
                            os.path.basename(path), line.strip()))

    def close(self):
        self.plenty.abandon.set()
        self.poller.stopping.set()
        self.subscriber.stopping.set()
        for thread in self.feeders + [self.poller, self.subscriber]:
            thread.join()
        self.pipeline.destroy()
        self.context.term()
        self.log_file.close()

    # ---- words ----

    def line(self):
        """What was tried and checked, on one line."""
        checked = sum(1 for report in self.book.reports.values()
                      if report.acked and self.audit and
                      (report.guid, report.version) in self.audit.parts)
        embargoed = [report for report in self.book.reports.values()
                     if report.acked and report.embargo_ms]
        reports = self.book.reports.values()
        return ('%d reports with an OK, %d of them found exactly once, %d old, %d without an answer; '
                '%d under embargo, of which %d are held still and %d were never seen; '
                'duplicates '
                'recognised %d; leases lost %d, expired %d; %d connections; subscriber heard %d, '
                'missed %d by gaps; books polled %d times' % (
                    self.book.acked, checked,
                    sum(1 for report in reports if report.old),
                    sum(1 for report in reports if not report.acked and not report.old),
                    len(embargoed), len(self.audit.held) if self.audit else 0,
                    self.audit.unseen if self.audit else 0,
                    self.book.duplicates, self.balance.sum('leases_lost'),
                    self.balance.sum('leases_expired'),
                    sum(feeder.connections for feeder in self.feeders),
                    len(self.listener.heard), self.listener.missed, self.balance.polls))

    def tidy(self, keep=False):
        """What is left behind, and says so."""
        if keep or self.faults:
            for line in self.faults.lines():
                print('    ' + line)
            print('    kept: %s (logs, journals)' % self.data)
        else:
            shutil.rmtree(self.data, ignore_errors=True)
