#!/usr/bin/python3
"""Disks that fill up, fail and dawdle under load: nothing acknowledged is lost, nothing comes
twice, and what can recover does so by itself once the cause is gone."""
import contextlib
import errno
import glob
import os
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import unittest

import load
import shim
from harness import Flow, libc, wait_for

INGEST, JOURNAL, LINES = 'reports.mdb', 'events.db', 'events.ndjson'
MOUNTS_OF_OUR_OWN = 0x20000  # CLONE_NEWNS
JOURNAL_BYTES = 48 << 20  # little, so that its file grows in small steps


class Pipeline(Flow):
    def setUp(self):
        super().setUp()
        folder = tempfile.mkdtemp(prefix='wtdisk-')
        self.addCleanup(shutil.rmtree, folder)
        self.disk = shim.Disk(folder)
        self.load = None

    def clean_up(self):
        if self.load:
            self.load.plenty.abandon.set()
        super().clean_up()  # which tears a feeder away from a full socket
        if self.load:
            self.load.abandon()

    def begin(self, seed, acked=200):
        """Everything runs and has work to do."""
        self.ingest, self.sink = self.again('ingest'), self.again('sink')
        self.enrichers = [self.start_enrich(), self.start_enrich()]
        self.load = load.Load(self.data, seed)
        self.load.wait_acked(acked)

    @staticmethod
    def words(verb):
        return ('--listen', 'none', '--zmq', 'none', '--max-journal', JOURNAL_BYTES) \
            if verb == 'ingest' else ('--publish', 'none')

    def again(self, verb):
        """(Re)starts one whose files the shim looks after."""
        process = self.start(verb, *self.words(verb), environment=self.disk.environment(self.data))
        self.up(process, verb)
        return process

    def struck(self, count=1, seconds=30):
        wait_for(lambda: self.disk.hits >= count, seconds,
                 lambda: 'the fault to strike %d times; it did %d times' % (count, self.disk.hits))

    def assert_alive(self, *processes):
        for process in processes:
            self.assertTrue(process.alive(), process.name)

    def recover(self):
        """The cause is gone: reports are acknowledged again."""
        self.disk.mend()
        self.load.wait_more(300)

    def end(self):
        """Lets everything run out and holds it against the book."""
        self.load.finish()
        self.wait_all_out()
        for process in reversed(self.processes):
            if process.alive():
                self.assertEqual(process.stop(), 0, process.name)
        self.load.check()

    def wait_all_out(self):
        def out():
            status = self.status('ingest')
            return status and status['queued'] + status['leased'] == 0
        wait_for(out, 60, lambda: 'the last reports: %s' % self.status('ingest'))
        wanted = self.bytes_of_lines()
        wait_for(lambda: sum(os.path.getsize(path) for path in glob.glob(self.data + '/*.ndjson'))
                 >= wanted, 60, lambda: '%d bytes of lines' % wanted)

    def bytes_of_lines(self):
        with contextlib.closing(sqlite3.connect(os.path.join(self.data, JOURNAL))) as base:
            return base.execute(
                'SELECT coalesce(sum(length(CAST(json AS BLOB)) + 1), 0) FROM events').fetchone()[0]

    def assert_ended_saying(self, process, words):
        self.assertEqual(process.wait(30), 1, process.said()[-1000:])
        self.assertRegex(process.said(), 'ERROR .*(%s)' % words)


class FullDisk(Pipeline):
    def fill_up(self, seed, fault, word, skip):
        """Fills the disk at a certain write, waits for the effect, makes room."""
        self.begin(seed)
        for turn in range(3):
            self.disk.fail(fault, word, skip=skip * turn)
            self.struck(3)
            self.assert_alive(self.ingest, self.sink)
            self.recover()
            self.assert_alive(self.ingest, self.sink)
        self.end()

    def test_of_ingest_where_old_pages_can_be_written(self):
        """What it holds has to grow for that, so nothing is taken from it."""
        self.begin(13)
        for turn in range(2):
            for enricher in self.enrichers:
                enricher.signal(signal.SIGSTOP)
            self.disk.fail('growth', INGEST, skip=turn)
            self.struck(2, 60)
            wait_for(lambda: self.load.busy or self.status('ingest')['why_not_reading'], 30,
                     'feeders to be told, or to have to wait')
            for enricher in self.enrichers:
                enricher.signal(signal.SIGCONT)
            self.recover()
            self.assert_alive(self.ingest, self.sink)
        self.end()

    def at_any_write(self, seed, fault, word, step):
        """As a file system may that never writes in place. LMDB does not survive it when it
        cannot write its meta page: then ingest ends, and its next life goes on."""
        self.begin(seed)
        for turn in range(4):
            self.disk.fail(fault, word, skip=turn * step)
            wait_for(lambda: self.disk.hits > 2 or not self.ingest.alive(), 30, 'a few tries')
            self.disk.mend()
            wanted = self.load.acked + 100
            wait_for(lambda: self.revived() and self.load.acked >= wanted, 60, 'more to be taken in')
            self.assert_alive(self.sink)
        self.end()

    def revived(self):
        """What ends for want of room is started again, as `wiretag up` does."""
        if not self.ingest.alive():
            self.assert_ended_saying(self.ingest, 'No space left|meta page')
            self.ingest = self.again('ingest')
        return True

    def test_of_ingest_at_any_write(self):
        self.at_any_write(11, 'full', INGEST, 1)

    def test_of_ingest_in_the_middle_of_a_write(self):
        self.at_any_write(12, 'short', INGEST, 1)

    def test_of_both_at_any_write(self):
        self.at_any_write(31, 'full', '', 3)

    def test_of_the_sinks_journal(self):
        self.fill_up(21, 'full', JOURNAL, skip=3)

    def test_of_the_sinks_journal_in_the_middle_of_a_write(self):
        self.fill_up(22, 'short', JOURNAL, skip=5)

    def test_of_the_sinks_journal_where_old_pages_can_be_written(self):
        self.fill_up(23, 'growth', JOURNAL, skip=0)

    def test_for_long_slows_the_feeders_down(self):
        self.begin(24)
        self.disk.fail('full', JOURNAL)
        self.struck()
        committed = self.committed()
        wait_for(lambda: self.disk.hits > 8, 30, 'several tries')
        self.assertLessEqual(self.committed(), committed + 4096)
        self.assert_alive(self.ingest, self.sink)
        self.recover()
        self.end()

    def test_of_the_lines_leaves_the_journal_alone(self):
        self.begin(41)
        for fault in ('full', 'short'):
            self.disk.fail(fault, LINES)
            self.struck(2)
            committed = self.committed()
            self.wait_committed(committed + 500)
            self.disk.mend()
        self.end()


class HalfMade(Pipeline):
    """The first start of all, failing at each write and sync in turn: the next one succeeds."""

    def begin_badly(self, verb, fault, word):
        steps = 0
        while True:
            self.disk.fail(fault, word, skip=steps)
            process = self.start(verb, *self.words(verb),
                                 environment=self.disk.environment(self.data))
            wait_for(lambda: not process.alive() or self.status(verb), 20, 'an end or a beginning')
            struck, alive = self.disk.hits, process.alive()
            process.kill()
            self.disk.mend()
            self.again(verb).kill()
            for path in glob.glob(self.data + '/*'):
                if not path.endswith('.log'):
                    os.unlink(path)
            if alive and not struck:
                return steps
            steps += 1

    def test_journal_of_ingest(self):
        for fault in ('short', 'eio-sync', 'die-write'):
            with self.subTest(fault):
                self.assertGreater(self.begin_badly('ingest', fault, INGEST), 1)

    def test_journal_of_the_sink(self):
        for fault in ('short', 'eio-sync', 'die-write'):
            with self.subTest(fault):
                self.assertGreater(self.begin_badly('sink', fault, JOURNAL), 1)


class Broken(Pipeline):
    """EIO: nobody hears OK any more, the process says why and ends, and its next life is
    none the worse."""

    def break_down(self, seed, verb, fault, word, skip):
        self.begin(seed)
        process = self.ingest if verb == 'ingest' else self.sink
        for turn in range(2):
            self.disk.fail(fault, word, skip=skip + turn)
            self.assert_ended_saying(process, 'I/O error|Input/output error')
            self.disk.mend()
            process = self.again(verb)
            self.load.wait_more(200)
        self.end()

    def test_write_of_ingest(self):
        self.break_down(51, 'ingest', 'eio-write', INGEST, skip=1)

    def test_sync_of_ingest(self):
        self.break_down(52, 'ingest', 'eio-sync', INGEST, skip=0)

    def test_write_of_the_sinks_journal(self):
        self.break_down(61, 'sink', 'eio-write', JOURNAL, skip=4)

    def test_sync_of_the_sinks_journal(self):
        self.break_down(62, 'sink', 'eio-sync', JOURNAL, skip=0)

    def test_lines_that_cannot_be_synced_are_written_again(self):
        self.begin(71)
        for fault in ('eio-sync', 'eio-write'):
            self.disk.fail(fault, LINES, times=3)
            self.struck(3)
            self.load.wait_more(200)
        self.end()


class Slow(Pipeline):
    def test_syncs(self):
        self.disk.slow(50)
        self.begin(81, acked=100)
        self.load.wait_more(300)
        self.end()


class SmallFileSystem(Pipeline):
    """A real full disk: a small tmpfs, where root may mount one."""
    MEGABYTES = 256

    def setUp(self):
        super().setUp()
        if os.geteuid() != 0:
            self.skipTest('only root may mount a file system')
        if libc.unshare(MOUNTS_OF_OUR_OWN):  # they go when we do
            self.skipTest('may not have mounts of its own')
        self.mount('--make-rprivate', '/')
        self.mount('-t', 'tmpfs', '-o', 'size=%dm' % self.MEGABYTES, 'wiretag-test', self.data)

    def mount(self, *words):
        done = subprocess.run(('mount',) + words, capture_output=True, check=False)
        if done.returncode:
            self.skipTest('cannot mount: %s' % done.stderr.decode().strip())

    def clean_up(self):
        super().clean_up()
        subprocess.run(['umount', '--lazy', self.data], capture_output=True, check=False)
        shutil.rmtree(self.data, ignore_errors=True)

    def fill(self, path):
        with open(path, 'wb', buffering=0) as file:
            try:
                while file.write(bytes(65536)):
                    pass
            except OSError as error:
                self.assertEqual(error.errno, errno.ENOSPC)

    def test_that_fills_up(self):
        stone = os.path.join(self.data, 'stone')
        self.begin(91)
        for _ in range(2):
            self.fill(stone)
            wait_for(lambda: self.status('ingest')['why_not_reading'], 60, 'ingest to be full')
            self.assert_alive(self.ingest, self.sink)
            os.unlink(stone)
            self.load.wait_more(200)
        self.end()


if __name__ == '__main__':
    unittest.main()
