"""lmdb_keys.py: an LMDB file of numbers, by ctypes, for test_shim.py."""
import ctypes

NO_FOLDER, NEXT = 0x4000, 8


class Value(ctypes.Structure):
    _fields_ = [('size', ctypes.c_size_t), ('data', ctypes.c_void_p)]


def value_of(data):
    return ctypes.byref(Value(len(data), ctypes.cast(ctypes.c_char_p(data), ctypes.c_void_p)))


class Keys:
    """error: what opening it returned."""

    def __init__(self, path):
        self.lmdb = ctypes.CDLL('liblmdb.so.0')
        self.env = ctypes.c_void_p()
        self.lmdb.mdb_env_create(ctypes.byref(self.env))
        self.lmdb.mdb_env_set_mapsize(self.env, ctypes.c_size_t(1 << 26))
        self.error = self.lmdb.mdb_env_open(self.env, path.encode(), NO_FOLDER, 0o600)

    def begin(self):
        """(error, transaction, table)"""
        transaction, table = ctypes.c_void_p(), ctypes.c_uint()
        error = self.lmdb.mdb_txn_begin(self.env, None, 0, ctypes.byref(transaction))
        if not error:
            self.lmdb.mdb_dbi_open(transaction, None, 0, ctypes.byref(table))
        return error, transaction, table

    def change(self, number):
        """Puts the key, or deletes it when negative, and commits."""
        error, transaction, table = self.begin()
        if error:
            return error
        key = value_of(b'%08d' % abs(number))
        if number < 0:
            self.lmdb.mdb_del(transaction, table, key, None)
        else:
            self.lmdb.mdb_put(transaction, table, key, value_of(b'value %d ' % number * 800), 0)
        return self.lmdb.mdb_txn_commit(transaction)

    def all(self):
        """The keys whose values are right."""
        error, transaction, table = self.begin()
        if error:
            raise OSError(error, 'LMDB')
        cursor, key, value, out = ctypes.c_void_p(), Value(), Value(), set()
        self.lmdb.mdb_cursor_open(transaction, table, ctypes.byref(cursor))
        while not self.lmdb.mdb_cursor_get(cursor, ctypes.byref(key), ctypes.byref(value), NEXT):
            number = int(ctypes.string_at(key.data, key.size))
            if ctypes.string_at(value.data, value.size) == b'value %d ' % number * 800:
                out.add(number)
        self.lmdb.mdb_txn_abort(transaction)
        return out

    def close(self):
        self.lmdb.mdb_env_close(self.env)
