"""frames.py: the frames of PROTOCOL.md, for tests that play a process."""
import os
import struct

HELLO, WELCOME, REFUSE, CREDIT, WORK, RESULT, COMMIT, RESUME, NACK, HEARTBEAT, BYE = range(1, 12)
REFUSE_VERSION, REFUSE_STRANGER, REFUSE_ROLE, REFUSE_MALFORMED = 1, 2, 3, 4
ENRICH, SINK = 1, 2
HEAD = struct.Struct('<2sBBIII16sQ')


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 & -(crc & 1))
    return crc ^ 0xFFFFFFFF


def frame(kind, body=b'', number=0, uuid=bytes(16), index=0, version=2, magic=b'WT', crc=None):
    def head(value):
        return HEAD.pack(magic, version, kind, len(body), value, number, uuid, index)
    return head(crc32c(head(0) + body) if crc is None else crc) + body


def sized(data):
    return struct.pack('<I', len(data)) + data


def frames_of(message):
    """(kind, number, uuid, index, body) of each frame of a message."""
    while message:
        _, _, kind, length, _, number, uuid, index = HEAD.unpack(message[:HEAD.size])
        yield kind, number, uuid, index, message[HEAD.size:HEAD.size + length]
        message = message[HEAD.size + length:]


def hello(role, uuid=None, **change):
    """As PROTOCOL.md has it: the role as number; uuid, name, software, tagger."""
    body = (uuid or os.urandom(16)) + sized(b'stranger') + sized(b'test') + sized(b'none')
    return frame(HELLO, body, number=role, **change)


def welcome(uuid):
    return frame(WELCOME, uuid + struct.pack('<II', 1000, 0) + sized(b'test') + sized(b''))


def credit(messages, size=1 << 30):
    return frame(CREDIT, struct.pack('<Q', size), number=messages)


def heartbeat(started=0, done=0):
    return frame(HEARTBEAT, struct.pack('<QQQQ', 1, started, done, 1 << 20))
