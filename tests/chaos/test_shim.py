#!/usr/bin/python3
"""Does the disk that fails on command do so, and is what the power leaves what it should be?

Small programs take the part of wiretag: plain files, SQLite, LMDB. The tests that rest on
shim.py and power.py are worth what these are."""
import ctypes
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import unittest

import lmdb_keys
import power
import shim

HERE = os.path.dirname(os.path.abspath(__file__))

PLAIN = '''
import os, sys, time
folder, commands = sys.argv[1], sys.argv[2:]
fd = os.open(folder + '/plain', os.O_RDWR | os.O_CREAT, 0o600)
def act(word):
    if word == 'sync': os.fdatasync(fd)
    elif word == 'fsync': os.fsync(fd)
    elif word == 'cut': os.ftruncate(fd, 100)
    elif word == 'grow': os.ftruncate(fd, 9000)
    elif word == 'reserve': os.posix_fallocate(fd, 0, 20000)
    elif word == 'again': os.pwrite(fd, b'a' * 10, 0)
    elif word == 'vector': return os.writev(fd, [b'x' * 600, b'y' * 600])
    elif word == 'rename': os.rename(folder + '/plain', folder + '/moved')
    elif word == 'remove': os.unlink(folder + '/moved')
    elif word == 'other': os.close(os.open(folder + '/other', os.O_WRONLY | os.O_CREAT))
    elif word == 'folder':
        dir = os.open(folder, os.O_RDONLY); os.fsync(dir); os.close(dir)
    elif word == 'append':
        f = os.open(folder + '/plain', os.O_WRONLY | os.O_APPEND); os.write(f, b'p' * 777); os.close(f)
    elif word == 'dsync':
        f = os.open(folder + '/plain', os.O_WRONLY | os.O_DSYNC)
        try: os.pwrite(f, b'd' * 512, 512)
        finally: os.close(f)
    else: return os.write(fd, b'w' * int(word))
for word in commands:
    try: print(word, act(word) or 'well', time.monotonic_ns(), flush=True)
    except OSError as error: print(word, error.errno, time.monotonic_ns(), flush=True)
'''

ROWS = '''
import sqlite3, sys, time
db = sqlite3.connect(sys.argv[1] + '/rows.db', isolation_level=None)
db.execute('PRAGMA journal_mode=WAL')
db.execute('PRAGMA synchronous=' + sys.argv[2])
db.execute('PRAGMA wal_autocheckpoint=20')
db.execute('CREATE TABLE IF NOT EXISTS rows(n INTEGER PRIMARY KEY, text TEXT)')
for n in range(int(sys.argv[3]), int(sys.argv[4])):
    try:
        db.execute('INSERT INTO rows VALUES(?, ?)', (n, 'row %d ' % n * 100))
        print(n, time.monotonic_ns(), flush=True)
    except sqlite3.Error as error:
        print(error, time.monotonic_ns(), flush=True)
        if 'I/O' in str(error): sys.exit(1)
'''

# Each line on its input is a key to put, or beginning with a minus to delete: it prints
# what the commit returned.
KEYS = '''
import os, sys, time
sys.path.insert(0, sys.argv[2])
import lmdb_keys
keys = lmdb_keys.Keys(sys.argv[1] + '/keys.mdb')
os.fsync(os.open(sys.argv[1], os.O_RDONLY))  # LMDB does not see to its file's name
print('open', keys.error, 0, flush=True)
for line in sys.stdin:
    print(int(line), keys.change(int(line)), time.monotonic_ns(), flush=True)
'''

EIO, ENOSPC, MDB_PANIC = 5, 28, -30795
libc = ctypes.CDLL(None, use_errno=True)


class Shim(unittest.TestCase):
    def setUp(self):
        self.folder = os.path.realpath(tempfile.mkdtemp(prefix='wtshim-'))
        self.addCleanup(shutil.rmtree, self.folder)
        self.data = os.path.join(self.folder, 'data')
        os.mkdir(self.data)
        self.disk = shim.Disk(self.folder)

    def start(self, program, *arguments):
        child = subprocess.Popen(
            [sys.executable, '-c', program, self.data] + [str(a) for a in arguments],
            env=dict(os.environ, **self.disk.environment(self.data, record=True)),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            preexec_fn=lambda: libc.prctl(1, signal.SIGKILL))
        self.addCleanup(child.stdout.close)
        self.addCleanup(child.stdin.close)
        self.addCleanup(child.wait)
        self.addCleanup(child.kill)
        return child

    def run_to_end(self, program, *arguments):
        """(exit code, [[word, ...] of each line])"""
        child = self.start(program, *arguments)
        lines = [line.decode().split() for line in child.stdout]
        return child.wait(), lines

    def plain(self, *words):
        """What each came to: 'well', a length or an error number."""
        return [line[1] for line in self.run_to_end(PLAIN, *words)[1]]

    def restore(self, files):
        """A fresh folder with these files."""
        where = tempfile.mkdtemp(dir=self.folder)
        for name, kept in files.items():
            with open(os.path.join(where, name), 'wb') as file:
                file.write(kept.content)
        return where

    def assert_record_is_complete(self):
        wanted = {}
        for name in os.listdir(self.data):
            with open(os.path.join(self.data, name), 'rb') as file:
                wanted[name] = file.read()
        found = power.everything(self.disk.entries())
        self.assertEqual(sorted(found), sorted(wanted))
        for name, content in wanted.items():
            if not name.endswith(power.SCRATCH):
                self.assertTrue(found[name] == content, name)


class Recording(Shim):
    def test_every_kind_of_change_is_recorded(self):
        self.plain('3000', 'vector', 'again', 'grow', 'append', 'dsync', 'cut', 'reserve', 'sync',
                   'fsync', 'rename', 'other')
        self.assert_record_is_complete()
        self.plain('50', 'rename', 'remove')
        self.assert_record_is_complete()

    def test_sqlite_is_recorded(self):
        self.assertEqual(self.run_to_end(ROWS, 'FULL', 0, 60)[0], 0)
        self.assert_record_is_complete()

    def test_lmdb_is_recorded(self):
        child = self.start(KEYS, HERE)
        said = child.communicate(b'1\n2\n3\n2\n')[0]
        self.assertEqual([line.split()[1] for line in said.splitlines()], [b'0'] * 5)
        self.assert_record_is_complete()
        self.assertTrue(any(entry.durable for entry in self.disk.entries()), 'the meta pages')


class Failing(Shim):
    def test_full(self):
        self.disk.fail('full', skip=2)
        self.assertEqual(self.plain('2000', '2000', 'vector', 'grow', 'again', 'reserve', 'other', 'cut'),
                         ['2000', '28', '28', '28', '28', '28', '28', 'well'])
        self.assert_record_is_complete()

    def test_full_half_way(self):
        self.disk.fail('short', skip=1)
        self.assertEqual(self.plain('2000', '2000', '2000'), ['1000', '28', '28'])
        self.assert_record_is_complete()

    def test_growth_only(self):
        self.disk.fail('growth', skip=1)
        self.assertEqual(self.plain('2000', 'again', '1000', 'dsync', 'grow'),
                         ['28', '28', '28', '28', '28'])
        self.disk.fail('growth')
        self.disk.mend()
        self.assertEqual(self.plain('2000'), ['2000'])
        self.disk.fail('growth')
        self.assertEqual(self.plain('1000', 'again', 'dsync', 'vector', '1000', '1'),
                         ['1000', 'well', 'well', '600', '400', '28'])
        self.assert_record_is_complete()

    def test_failing_writes(self):
        self.disk.fail('eio-write', times=2)
        self.assertEqual(self.plain('10', 'sync', 'vector', '10', 'dsync'),
                         ['5', 'well', '5', '10', 'well'])
        self.assertEqual(self.disk.hits, 2)

    def test_failing_syncs(self):
        self.disk.fail('eio-sync', times=3)
        self.assertEqual(self.plain('10', 'sync', 'fsync', 'dsync', 'sync', 'dsync'),
                         ['10', '5', '5', '5', 'well', 'well'])
        self.assert_record_is_complete()

    def test_only_files_with_the_word(self):
        self.disk.fail('full', word='other')
        self.assertEqual(self.plain('10', 'other'), ['10', '28'])

    def test_slow_syncs(self):
        self.disk.slow(100)
        _, lines = self.run_to_end(PLAIN, '10', 'sync')
        self.assertGreaterEqual(int(lines[1][2]) - int(lines[0][2]), 100e6)

    def test_death_before_a_sync(self):
        self.disk.fail('die-sync', skip=1)
        code, lines = self.run_to_end(PLAIN, '10', 'sync', '20', 'sync', '30')
        self.assertEqual((code, len(lines)), (-signal.SIGKILL, 3))
        self.assert_record_is_complete()

    def test_death_in_a_synchronous_write(self):
        self.disk.fail('die-sync')
        code, lines = self.run_to_end(PLAIN, '10', 'dsync', '20')
        self.assertEqual((code, len(lines)), (-signal.SIGKILL, 1))
        self.assertFalse(any(entry.durable for entry in self.disk.entries()))
        self.assert_record_is_complete()

    def test_death_after_a_write(self):
        self.disk.fail('die-write', skip=1)
        code, lines = self.run_to_end(PLAIN, '10', '20', 'sync')
        self.assertEqual((code, len(lines)), (-signal.SIGKILL, 1))
        self.assert_record_is_complete()


class Lmdb(Shim):
    """What the journal of ingest builds on: how LMDB takes the faults."""

    def begin(self):
        self.child = self.start(KEYS, HERE)
        self.assertEqual(self.child.stdout.readline().split()[:2], [b'open', b'0'])

    def put(self, number):
        self.child.stdin.write(b'%d\n' % number)
        self.child.stdin.flush()
        return int(self.child.stdout.readline().split()[1])

    def test_a_full_disk_leaves_it_usable(self):
        self.begin()
        self.assertEqual(self.put(1), 0)
        self.disk.fail('full')
        self.assertEqual([self.put(2), self.put(2)], [ENOSPC, ENOSPC])
        self.disk.mend()
        self.assertEqual([self.put(2), self.put(3)], [0, 0])

    def test_a_write_cut_short_is_an_io_error(self):
        self.begin()
        self.disk.fail('short')
        self.assertEqual([self.put(2), self.put(2)], [EIO, ENOSPC])
        self.disk.mend()
        self.assertEqual(self.put(2), 0)

    def test_a_failed_meta_page_ends_it(self):
        self.begin()
        self.disk.fail('eio-sync', skip=1, times=1)
        self.assertEqual([self.put(1), self.put(1)], [EIO, MDB_PANIC])


class Power(Shim):
    """The model: what was promised is always there, and what was not is sometimes lost."""

    def rows(self, sync):
        """Cuts through a run of SQLite: how many lost something."""
        _, lines = self.run_to_end(ROWS, sync, 0, 80)
        entries = self.disk.entries()
        promised = {int(words[0]): int(words[1]) for words in lines}
        chance = random.Random(5)
        lost = 0
        for _ in range(60):
            at = chance.randint(entries[0].begin, entries[-1].end)
            wanted = {number for number, time in promised.items() if time <= at}
            found = self.read_rows(self.restore(power.cut(entries, at, chance)))
            lost += not wanted <= found
        return lost

    @staticmethod
    def read_rows(where):
        base = sqlite3.connect(os.path.join(where, 'rows.db'))
        try:
            if base.execute('PRAGMA integrity_check').fetchone()[0] != 'ok':
                return set()
            rows = base.execute('SELECT n, text FROM rows').fetchall()
            return {n for n, text in rows if text == 'row %d ' % n * 100}
        except sqlite3.Error:
            return set()
        finally:
            base.close()

    def test_sqlite_keeps_its_promise(self):
        self.assertEqual(self.rows('FULL'), 0)

    def test_lmdb_keeps_its_promise(self):
        child = self.start(KEYS, HERE)
        words = [number if number % 3 else -(number // 3) for number in range(1, 100)]
        said = child.communicate(''.join('%d\n' % word for word in words).encode())[0]
        times = [int(line.split()[2]) for line in said.splitlines()[1:]]
        entries, chance = self.disk.entries(), random.Random(6)
        for _ in range(80):
            at = chance.randint(times[0], times[-1])
            done = sum(time <= at for time in times)
            keys = lmdb_keys.Keys(self.restore(power.cut(entries, at, chance)) + '/keys.mdb')
            found = keys.all()
            keys.close()
            self.assertIn(found, (self.keys_after(words[:done]), self.keys_after(words[:done + 1])))

    @staticmethod
    def keys_after(words):
        out = set()
        for word in words:
            (out.add if word > 0 else out.discard)(abs(word))
        return out

    def test_what_sqlite_finds_after_a_kill_is_not_durable_yet(self):
        """It reads its log from the page cache and does not sync it. A checkpoint does."""
        self.disk.fail('die-sync', word='-wal', skip=5)
        self.assertEqual(self.run_to_end(ROWS, 'FULL', 0, 10)[0], -signal.SIGKILL)
        self.disk.mend()
        found = {}
        for pragma in ('user_version', 'wal_checkpoint(TRUNCATE)'):
            look = ROWS.split('db.execute')[0] + "db.execute('PRAGMA %s').fetchall(); print(" \
                "db.execute('SELECT max(n) FROM rows').fetchone()[0], flush=True); " \
                "import os; os.kill(os.getpid(), 9)" % pragma
            seen = int(self.run_to_end(look)[1][0][0])
            entries, chance = self.disk.entries(), random.Random(8)
            states = [self.restore(power.cut(entries, entries[-1].end, chance)) for _ in range(40)]
            found[pragma] = {seen in self.read_rows(state) for state in states}
        self.assertEqual(found, {'user_version': {True, False}, 'wal_checkpoint(TRUNCATE)': {True}})

    def test_sqlite_without_syncs_does_not(self):
        self.assertGreater(self.rows('OFF'), 10)

    def cuts(self, *words):
        """All the states that many cuts at the end leave."""
        self.plain(*words)
        entries = self.disk.entries()
        chance = random.Random(7)
        states = [power.cut(entries, entries[-1].end, chance) for _ in range(300)]
        return [{name: kept.content for name, kept in state.items()} for state in states]

    def test_a_file_without_its_name_may_be_lost(self):
        states = self.cuts('2000', 'sync')
        self.assertIn({}, states)
        self.assertTrue(all(state.get('plain', b'w' * 2000) == b'w' * 2000 for state in states))

    def test_a_synced_file_in_a_synced_folder_is_there(self):
        self.assertEqual({state['plain'] for state in self.cuts('2000', 'sync', 'folder')},
                         {b'w' * 2000})

    def test_unsynced_writes_are_torn(self):
        states = {state['plain'] for state in self.cuts('512', 'sync', 'folder', '2000')}
        self.assertTrue(all(state[:512] == b'w' * 512 for state in states))
        self.assertIn(b'w' * 512, states)
        self.assertIn(b'w' * 2512, states)
        self.assertGreater(len(states), 8)

    def test_a_write_made_durable_by_itself_covers_no_other(self):
        states = {state['plain'] for state in self.cuts('512', 'folder', 'dsync')}
        self.assertEqual(states, {bytes(512) + b'd' * 512, b'w' * 512 + b'd' * 512})

    def test_a_failed_sync_is_not_mended_by_the_next(self):
        self.disk.fail('eio-sync', word='plain', times=1)
        states = {state['plain'] for state in self.cuts('512', 'folder', 'sync', 'sync')}
        self.assertEqual(states, {b'', bytes(512), b'w' * 512})

    def test_a_renamed_file_has_one_of_its_names(self):
        states = self.cuts('10', 'sync', 'folder', 'rename')
        self.assertEqual({tuple(state) for state in states}, {('plain',), ('moved',)})


if __name__ == '__main__':
    unittest.main()
