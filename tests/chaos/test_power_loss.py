#!/usr/bin/python3
"""test_power_loss.py [--cuts N] [--seed S]: the power fails at any moment, and nothing that
was acknowledged is lost.

The pipeline runs under load while every change of its files is recorded (shim.c); ingest and
sink die meanwhile at the worst moments, between a write and its sync, and because a sync
failed. Then, for many moments: a fresh data directory gets what the disk may have kept then
(power.py says what may be kept), over both journals at once, and the programs start on it.

Every report that had its OK by then has to come out exactly once, from the sink's journal or
from ingest's; a report without an OK may be there; what its feeder sends again must not come
twice; every event that a subscriber has heard keeps its offset; the books balance."""
import argparse
import hashlib
import os
import random
import shutil
import sys
import struct
import tempfile
import threading
import time
import unittest

import zmq

import feeders
import load
import oracle
import power
import shim
from harness import PATIENCE, Flow, scaled, wait_for

SETTINGS = argparse.Namespace(cuts=40, seed=int(os.environ.get('WIRETAG_TEST_SEED', '1')))
REPORTS = scaled(1500)
# By kill -9 before a sync, and because one failed; the number is that of syncs that go well
# before: every other one of LMDB's is that of its meta page.
DEATHS = (('sink', 'events.db', 'die-sync', 2), ('ingest', 'reports.mdb', 'die-sync', 2),
          ('ingest', 'reports.mdb', 'die-sync', 3), ('sink', 'events.db', 'eio-sync', 2),
          ('ingest', 'reports.mdb', 'eio-sync', 2), ('ingest', 'reports.mdb', 'eio-sync', 3))
BEGINNING = 150   # changes and syncs in which the journals are made
SENT_AGAIN = 100  # acknowledged reports that a feeder sends again after the cut


class Ear(threading.Thread):
    """A subscriber: heard is {offset: (when, digest of the event)}."""

    def __init__(self, endpoint):
        super().__init__(daemon=True)
        self.heard = {}
        self.stopping = threading.Event()
        self.socket = zmq.Context.instance().socket(zmq.SUB)
        self.socket.set(zmq.LINGER, 0)
        self.socket.set(zmq.RCVHWM, 100000)
        self.socket.set(zmq.RECONNECT_IVL, 20)
        self.socket.subscribe(b'')
        self.socket.connect(endpoint)
        self.start()

    def run(self):
        while not self.stopping.is_set():
            if self.socket.poll(50):
                _, header, event = self.socket.recv_multipart()
                offset = struct.unpack('<16sQQ', header)[1]
                self.heard.setdefault(offset, (time.monotonic_ns(), self.digest(event)))
        self.socket.close()

    @staticmethod
    def digest(event):
        return hashlib.blake2b(event, digest_size=8).digest()

    def stop(self):
        self.stopping.set()
        self.join()


class Pipeline(Flow):
    def setUp(self):
        super().setUp()
        self.folder = tempfile.mkdtemp(prefix='wtpower-')
        self.addCleanup(shutil.rmtree, self.folder)

    def start_one(self, verb, environment=None):
        words = {'ingest': ('--listen', 'none', '--zmq', 'none'), 'sink': ('--publish', 'none'),
                 'enrich': ()}[verb]
        process = self.start(verb, *words, environment=environment)
        self.up(process, verb if verb != 'enrich' else 'enrich-%d' % process.pid)
        return process

    def balanced(self):
        """The status of ingest once nothing is on its way any more."""
        status = self.status('ingest')
        if not status or status['queued'] + status['leased']:
            return None
        self.assertEqual(status['accepted'], status['committed'] + status['dead'], status)
        return status

    def wait_all_out(self):
        return wait_for(self.balanced, 60, lambda: 'the last reports: %s' % self.status('ingest'))

    def stop_all(self):
        for process in reversed(self.processes):
            if process.alive():
                self.assertEqual(process.stop(), 0, process.name)


class PowerLoss(Pipeline):
    def test_at_any_moment(self):
        disk = shim.Disk(self.folder)
        book, heard = self.record(disk)
        entries = disk.entries()
        self.assert_complete(entries)
        self.keep_inodes()
        chance = random.Random(SETTINGS.seed)
        moments = self.moments(entries, chance)
        for number, at in enumerate(moments):
            with self.subTest(cut=number, seed=SETTINGS.seed):
                self.restore(entries, at, random.Random('%d/%d' % (SETTINGS.seed, number)))
                self.start_again(self.book_of(book, at), chance)
                self.assert_still_there(heard, at)
                shutil.rmtree(self.data)
        print('%d reports, %d heard, %d changes and syncs, %d cuts' % (
            book.acked, len(heard), len(entries), len(moments)))

    # ---- the recording ----

    def record(self, disk):
        environment = disk.environment(self.data, record=True)
        processes = {verb: self.start_one(verb, environment) for verb in ('ingest', 'sink')}
        self.start_one('enrich')
        self.start_one('enrich')
        ear = Ear('ipc://%s/events.sock' % self.data)
        source = load.Load(self.data, SETTINGS.seed, rate=1500)
        try:
            for verb, word, fault, skip in DEATHS:
                source.wait_more(REPORTS // len(DEATHS))
                disk.fail('eio-sync', 'events.ndjson', times=1)
                source.wait_more(REPORTS // len(DEATHS))
                disk.fail(fault, word, skip=skip)
                processes[verb].wait()
                disk.mend()
                processes[verb] = self.start_one(verb, environment)
            source.wait_acked(REPORTS)
            source.finish()
            self.wait_all_out()
        finally:
            source.abandon()
            ear.stop()
        self.stop_all()
        source.check()
        for process in self.processes:
            process.log.close()
        return source.book, ear.heard

    def assert_complete(self, entries):
        """Nothing that the programs write has gone past the shim."""
        for name, content in power.everything(entries).items():
            if not name.endswith(power.SCRATCH):
                with open(os.path.join(self.data, name), 'rb') as file:
                    self.assertTrue(content == file.read(), '%s is not what was recorded' % name)

    @staticmethod
    def moments(entries, chance):
        """Anywhere, just before or after a sync is done, and while the files are made."""
        syncs = [entry for entry in entries if entry.kind == 'sync' or entry.durable]
        out = []
        for number in range(SETTINGS.cuts):
            if number % 5 < 2:
                out.append(chance.randint(entries[0].begin, entries[-1].end))
            elif number % 5 < 4:
                sync = chance.choice(syncs)
                out.append(chance.choice((sync.begin, sync.end - 1, sync.end, sync.end + 100000)))
            else:
                out.append(chance.choice(entries[:BEGINNING]).end)
        return sorted(out)

    # ---- a cut ----

    def keep_inodes(self):
        """The sink knows its file of lines by its inode, too: that is to stay the same."""
        self.inodes = os.path.join(self.folder, 'inodes')
        os.mkdir(self.inodes)
        for entry in os.scandir(self.data):
            if entry.name.endswith('.ndjson'):
                os.link(entry.path, os.path.join(self.inodes, str(entry.inode())))

    def restore(self, entries, at, chance):
        self.data = tempfile.mkdtemp(dir=self.folder)
        self.processes, self.names = [], {}
        for name, kept in power.cut(entries, at, chance).items():
            path = os.path.join(self.data, name)
            inode = os.path.join(self.inodes, str(kept.inode))
            if os.path.exists(inode):
                os.link(inode, path)
            with open(path, 'wb') as file:
                file.write(kept.content)

    def start_again(self, book, chance):
        try:
            for verb in ('ingest', 'sink', 'enrich'):
                self.start_one(verb)
            self.go_on(book, chance)
        finally:
            for process in self.processes:
                if process.alive():
                    process.kill()
                process.log.close()

    def assert_still_there(self, heard, at):
        rows = {row.offset: Ear.digest(row.json)
                for row in oracle.database_rows(os.path.join(self.data, 'events.db'))}
        wrong = [offset for offset, (when, digest) in heard.items()
                 if when <= at and rows.get(offset) != digest]
        self.assertFalse(wrong, 'published, but not in the journal so')

    @staticmethod
    def book_of(book, at):
        """What the feeders knew at that moment."""
        out = oracle.Book(oracle.Faults())
        for report, sent_at in book.sent_at.items():
            known = oracle.Report(report.guid, report.version, report.expect, report.canceled,
                                  report.embargo_ms)
            known.digest = report.digest
            known.sendings = int(sent_at <= at)
            known.acked = book.acked_at.get(report, at + 1) <= at
            known.seq = report.seq if known.acked else 0
            out.acked += known.acked
            if known.sendings:
                out.reports[known.guid, known.version] = known
        return out

    def go_on(self, book, chance):
        """The feeders come back: what had no OK they send again, and some that had."""
        open_ones = [report for report in book.reports.values() if not report.acked]
        known = [report for report in book.reports.values() if report.acked]
        known = chance.sample(known, min(SENT_AGAIN, len(known)))
        plenty = feeders.Plenty(SETTINGS.seed, book, 1e6, PATIENCE)
        plenty.closing.set()
        again = feeders.Again('again', plenty, lambda: self.data + '/feed.sock', open_ones + known)
        again.start()
        again.join(60 * PATIENCE)
        self.assertFalse(again.is_alive(), 'a feeder waits in vain')
        status = self.wait_all_out()
        self.stop_all()
        oracle.audit(self.data, SETTINGS.seed, book, book.faults)
        if status['dead']:
            book.faults.add('a dead letter', status)
        if status['accepted'] < book.acked:
            book.faults.add('fewer accepted than acknowledged', status)
        self.assertFalse(book.faults, '\n'.join(book.faults.lines()))


if __name__ == '__main__':
    parser = argparse.ArgumentParser(description=__doc__.split('\n\n')[0])
    parser.add_argument('--cuts', type=int, default=SETTINGS.cuts)
    parser.add_argument('--seed', type=int, default=SETTINGS.seed)
    parser.parse_known_args(namespace=SETTINGS)
    unittest.main(argv=sys.argv[:1])
