"""shim.py: steers a disk that fails on command (shim.c) and reads what it has recorded.

    disk = Disk(folder)                      # control file and record in a folder of their own
    start(..., environment=disk.environment(data))
    disk.fail('full', word='reports.mdb')    # from now on, in the running process
    disk.mend()

WIRETAG_SHIM names the library, as ctest does."""
import collections
import ctypes
import mmap
import os
import re
import struct

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
LIBRARY = os.path.abspath(os.environ.get(
    'WIRETAG_SHIM', os.path.join(ROOT, 'build/release/tests/libshim.so')))


def numbered(prefix, start=0):
    """The names of an enumeration in shim.h: {lower-case name: number}."""
    with open(os.path.join(HERE, 'shim.h'), encoding='utf-8') as file:
        names = re.findall(r'^    %s_(\w+)[,\s=]' % prefix, file.read(), re.M)
    return {name.lower().replace('_', '-'): number for number, name in enumerate(names, start)}


FAULTS = numbered('FAULT')
KINDS = {number: name for name, number in numbered('ENTRY', 1).items()}
DURABLE = 1
HEADER = struct.Struct('=IIqqQqQQ')

Entry = collections.namedtuple('Entry', 'kind durable begin end inode offset name data')


class Control(ctypes.Structure):
    """struct control"""
    _fields_ = [('fault', ctypes.c_uint32), ('slow_ms', ctypes.c_uint32),
                ('skip', ctypes.c_int64), ('times', ctypes.c_int64), ('hits', ctypes.c_uint64),
                ('writes', ctypes.c_uint64), ('syncs', ctypes.c_uint64),
                ('word', ctypes.c_char * 64)]


class Disk:
    def __init__(self, folder):
        self.control_path = os.path.join(folder, 'control')
        self.record_path = os.path.join(folder, 'record')
        os.makedirs(self.record_path)
        with open(self.control_path, 'w+b') as file:
            file.truncate(ctypes.sizeof(Control))
            self.map = mmap.mmap(file.fileno(), 0)
        self.control = Control.from_buffer(self.map)

    def environment(self, data, record=False):
        """For a process that keeps its files in `data`."""
        out = {'LD_PRELOAD': LIBRARY, 'WIRETAG_SHIM_DIR': os.path.realpath(data),
               'WIRETAG_SHIM_CONTROL': self.control_path}
        if record:
            out['WIRETAG_SHIM_RECORD'] = self.record_path
        return out

    def fail(self, fault, word='', skip=0, times=-1):
        """Calls on files with `word` in their names fail, all but the first `skip`, `times`
        times (for ever)."""
        self.mend()
        self.control.hits = 0
        self.control.word = word.encode()
        self.control.skip = skip
        self.control.times = times
        self.control.fault = FAULTS[fault]

    def mend(self):
        self.control.fault = FAULTS['none']

    def slow(self, milliseconds, word=''):
        self.control.word = word.encode()
        self.control.slow_ms = milliseconds

    @property
    def hits(self):
        """How often the present fault has struck."""
        return self.control.hits

    def entries(self):
        """Everything recorded so far by all processes, in order of its ends."""
        found = []
        for name in os.listdir(self.record_path):
            found.extend(read_record(os.path.join(self.record_path, name)))
        return sorted(found, key=lambda entry: entry.end)


def read_record(path):
    with open(path, 'rb') as file:
        content = file.read()
    at = 0
    while at < len(content):
        kind, flags, begin, end, inode, offset, name_len, data_len = HEADER.unpack_from(content, at)
        at += HEADER.size
        name = content[at:at + name_len].decode()
        at += name_len
        yield Entry(KINDS[kind], bool(flags & DURABLE), begin, end, inode, offset, name,
                    content[at:at + data_len])
        at += data_len
