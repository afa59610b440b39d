"""power.py: what may be on a disk after the power failed, from what shim.c has recorded.

    cut(entries, at, random)     the files, as {name: File}, had the power failed then

What the model promises a program, no more than POSIX does:

- A write is durable when a sync of its file that began after the write has ended, or when
  the write was synchronous; so is a change of size.
- Of every other write each 512-byte sector (at its place on the disk, not in the write) may
  be there or not, whatever became of those before, after and in other files. Half of
  the cuts decide for each write as a whole, for then more of the interesting states come
  up; some keep all, and some nothing. A file may have its new length without the bytes: zeros.
- What was being written at that moment counts as not synced, what began later is not there.
- Making, renaming and removing a name is durable when a sync of the folder that began after
  it has ended. Of the others, half of the cuts keep a beginning, as file systems with
  a journal do, and half any of them. A file whose name is not there is lost, synced or not.
- After a sync that failed, whatever was dirty then is never made durable by a later one
  that succeeds: the kernel has marked it clean. (Writing it again does.)
- What the programs write through mappings is not recorded: SQLite's -shm and LMDB's lock
  file get random bytes, for both promise to make them anew.

Not in the model: sectors that are torn inside, bits that rot, writes to the wrong place,
disks that lie about syncs. Syncing a file does not make its name durable, though most file
systems do."""

import collections

SECTOR = 512
SCRATCH = ('-shm', '-lock')


File = collections.namedtuple('File', 'inode content')


class Stored:
    """One file's history: changes in order, [entry, durable]."""

    def __init__(self, inode):
        self.inode = inode
        self.changes = []
        self.settled = 0  # changes before are durable or lost for ever

    def synced(self, begin, well):
        for change in self.changes[self.settled:]:
            if change[0].end <= begin and change[1] is None:
                change[1] = well
        while self.settled < len(self.changes) and self.changes[self.settled][1] is not None:
            self.settled += 1


class History:
    """The recording up to a moment."""

    def __init__(self, entries, at):
        self.by_inode = {}
        self.names = []  # entry, [(name, stored or None)], durable
        self.now = {}    # as the running programs see it
        for entry in entries:
            if entry.end <= at:
                self.take(entry)
            elif entry.begin <= at and entry.kind in ('write', 'size'):
                self.change(entry, None)

    def take(self, entry):
        if entry.kind == 'create':
            stored = self.by_inode[entry.inode] = Stored(entry.inode)
            self.rename(entry, [(entry.name, stored)])
        elif entry.kind in ('write', 'size'):
            self.change(entry, True if entry.durable else None)
        elif entry.kind in ('sync', 'failed'):
            self.sync(entry, entry.kind == 'sync')
        elif entry.kind == 'rename':
            moved = self.now.get(entry.name)
            if moved:
                self.rename(entry, [(entry.data.decode(), moved), (entry.name, None)])
        elif entry.name in self.now:
            self.rename(entry, [(entry.name, None)])

    def change(self, entry, durable):
        if entry.inode in self.by_inode:
            self.by_inode[entry.inode].changes.append([entry, durable])

    def rename(self, entry, pairs):
        self.names.append([entry, pairs, None])
        for name, stored in pairs:
            if stored:
                self.now[name] = stored
            else:
                self.now.pop(name, None)

    def sync(self, entry, well):
        if entry.name == '':
            for row in self.names:
                if row[0].end <= entry.begin and row[2] is None:
                    row[2] = well
        elif entry.inode in self.by_inode:
            self.by_inode[entry.inode].synced(entry.begin, well)


def apply(content, entry, sectors):
    """sectors: which of the write's sectors to take, None for all."""
    if entry.kind == 'size':
        if entry.offset < len(content):
            del content[entry.offset:]
        content.extend(bytes(entry.offset - len(content)))
        return
    end = entry.offset + len(entry.data)
    content.extend(bytes(max(0, end - len(content))))
    if sectors is None:
        content[entry.offset:end] = entry.data
        return
    for sector in sectors:
        low = max(entry.offset, sector * SECTOR)
        high = min(end, (sector + 1) * SECTOR)
        content[low:high] = entry.data[low - entry.offset:high - entry.offset]


def sectors_of(entry):
    if entry.kind == 'size':
        return range(1)
    return range(entry.offset // SECTOR,
                 (entry.offset + len(entry.data) + SECTOR - 1) // SECTOR)


class Chance:
    """Decides what becomes of one cut's unsynced changes."""

    def __init__(self, random):
        self.random = random
        self.share = random.choice((0, 0.1, 0.5, 0.9, 1))
        self.torn = random.random() < 0.5
        self.ordered_names = random.random() < 0.5

    def some(self):
        return self.random.random() < self.share

    def content(self, stored):
        out = bytearray()
        for entry, durable in stored.changes:
            if durable:
                apply(out, entry, None)
            elif not self.torn or entry.kind == 'size':
                if self.some():
                    apply(out, entry, None)
            else:
                kept = [sector for sector in sectors_of(entry) if self.some()]
                if kept or self.some():
                    apply(out, entry, kept)
        return bytes(out)

    def names(self, rows):
        out = {}
        open_rows = [row for row in rows if not row[2]]
        if self.ordered_names:
            kept = open_rows[:self.random.randint(0, len(open_rows))]
        else:
            kept = [row for row in open_rows if self.some()]
        kept = {id(row) for row in kept}
        for row in rows:
            if row[2] or id(row) in kept:
                for name, stored in row[1]:
                    out[name] = stored
        return {name: stored for name, stored in out.items() if stored}


def cut(entries, at, random):
    """The files that a power failure at that time (CLOCK_MONOTONIC, nanoseconds) leaves."""
    history = History(entries, at)
    chance = Chance(random)
    out = {}
    for name, stored in chance.names(history.names).items():
        content = chance.content(stored)
        if name.endswith(SCRATCH):
            content = random.randbytes(len(content))
        out[name] = File(stored.inode, content)
    return out


def everything(entries):
    """The files as the programs see them at the end of the recording, {name: bytes}."""
    out = {}
    for name, stored in History(entries, entries[-1].end).now.items():
        content = bytearray()
        for entry, _ in stored.changes:
            apply(content, entry, None)
        out[name] = bytes(content)
    return out
