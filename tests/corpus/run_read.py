#!/usr/bin/python3
"""run_read.py PROGRAM [FOLDER|CASE]...   read every case with `wiretag read` and compare

A case is a folder with input.* (input.xml, input.iptc, ...; given to the program by that name)
and want.json: the list of what each record must have. Of an object the listed keys count, of a
list each listed item somewhere among the record's; null says that the record has no such key (or
null). Besides, at the end of the list or as the only thing in it:

    {"_said": ["text", ...]}   what must be on standard error
    {"_fails": true}           some document cannot be read: exit code 1

A file args beside them has further options, one a line: --feed name=x,... for instance. In
input.hex bytes stand as two digits each, with what is in quotes as it is and comments from # on:
for control characters that editors do not keep. \\n in quotes is a line feed, \\r a return.
"""
import json
import os
import re
import subprocess
import sys
import tempfile

from run import HERE, lacks

TOKEN = re.compile(r'\s+|#[^\n]*|"((?:[^"\\]|\\.)*)"|([0-9a-fA-F]{2})')
ESCAPES = {'n': '\n', 'r': '\r', 't': '\t', '"': '"', '\\': '\\'}


def from_hex(text):
    """The bytes of an input.hex."""
    out, at = b'', 0
    while at < len(text):
        token = TOKEN.match(text, at)
        if not token:
            raise ValueError('input.hex: what is %r?' % text[at:at + 10])
        if token.group(1) is not None:
            out += re.sub(r'\\(.)', lambda m: ESCAPES[m.group(1)], token.group(1)).encode()
        elif token.group(2):
            out += bytes.fromhex(token.group(2))
        at = token.end()
    return out


def compare(want, have, where):
    """Problems of one record."""
    problems = []
    for key, value in want.items():
        if value is None:
            if have.get(key) is not None:
                problems.append('%s.%s is %s, not absent' % (where, key, json.dumps(have[key])))
            continue
        problem = lacks({key: value}, have, where)
        if problem:
            problems.append(problem)
    return problems


def read(program, case, folder):
    """(exit code, records, standard error)"""
    name = next(n for n in sorted(os.listdir(case)) if n.startswith('input.'))
    path = os.path.join(case, name)
    if name == 'input.hex':
        with open(path, encoding='utf-8') as file:
            data = from_hex(file.read())
        path = os.path.join(folder, 'input')
        with open(path, 'wb') as file:
            file.write(data)
    arguments = ['--received', '2020-01-14T12:00:00Z']
    if os.path.exists(os.path.join(case, 'args')):
        with open(os.path.join(case, 'args'), encoding='utf-8') as file:
            arguments += [word for line in file if line.strip()
                          for word in line.strip().split(' ', 1)]
    done = subprocess.run([program] + arguments + [path], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, check=False, timeout=30)
    return (done.returncode, [json.loads(line) for line in done.stdout.decode().splitlines()],
            done.stderr.decode())


def check(program, case):
    with open(os.path.join(case, 'want.json'), encoding='utf-8') as file:
        want = json.load(file)
    with tempfile.TemporaryDirectory(prefix='wtread-') as folder:
        code, have, said = read(program, case, folder)
    problems, fails = [], False
    while want and any(key in want[-1] for key in ('_said', '_fails')):
        special = want.pop()
        fails = fails or special.get('_fails', False)
        problems += ['standard error does not say %r: %s' % (text, said)
                     for text in special.get('_said', []) if text not in said]
    if code != (1 if fails else 0):
        problems.append('exit code %d: %s' % (code, said))
    if len(have) != len(want):
        problems.append('%d records, not %d: %s' % (len(have), len(want), said))
    for number, (one, record) in enumerate(zip(want, have), 1):
        problems += compare(one, record, 'record %d' % number)
    return problems


def main(program, *paths):
    total = failed = 0
    for path in paths or [os.path.join(HERE, 'read')]:
        for case, _, files in sorted(os.walk(path)):
            if 'want.json' not in files:
                continue
            total += 1
            problems = check(program, case)
            failed += bool(problems)
            for problem in problems:
                print('%s: %s' % (os.path.relpath(case, HERE), problem))
    print('%d cases, %d failed' % (total, failed))
    return 1 if failed or not total else 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]) if len(sys.argv) > 1 else __doc__)
