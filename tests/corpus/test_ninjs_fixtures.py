#!/usr/bin/python3
"""test_ninjs_fixtures.py PROGRAM [-v]   read the IPTC's ninjs examples and test suites with `wiretag read`

Needs the files, a folder `shared` beside the sources (or $WIRETAG_SHARED) with
data/wire-fixtures/ninjs; says "skipped" without it (exit code 77).

What should pass must be read: as a report, or with the note that there are no words in it (many of
the suite's items are one property). What should fail must be refused with words that name the
property or byte, or be read with a warning that names what breaks the schema; a few break the
schema of one version by being right in a later one. -v prints a line for each file.
"""
import glob
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
SHARED = os.environ.get('WIRETAG_SHARED') or os.path.join(HERE, '..', '..', '..', 'shared')
SUITE = os.path.join(SHARED, 'data', 'wire-fixtures', 'ninjs')
DPA = sorted(glob.glob(os.path.join(SHARED, 'data', 'wire-fixtures', '*', 'dpa-digitalwires',
                                    'input', '*.json')))
NO_WORDS = 'has no headline and no text'
# Not allowed in the version they are filed under, but in all later ones; they do not say which
# version they are of.
LATER = ('1.0/should_fail/014_type_component', '1.0/should_fail/016_infosource',
         '1.1/should_fail/001_type_component', '1.1/should_fail/002_infosource')


def read(program, path):
    """(outcome, what was said): report, no words, warning, refused"""
    done = subprocess.run([program, path], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          check=False, timeout=30)
    said = done.stderr.decode().replace('wiretag read: %s, document 1: ' % path, '').strip()
    if done.returncode < 0 or done.returncode > 1:
        return 'crash', said
    if done.returncode == 1:
        return 'refused', said
    if said.endswith(NO_WORDS):
        return 'no words', said
    if said:
        return 'warning', said
    return ('report', '') if done.stdout else ('nothing', '')


def wrong(name, outcome, said):
    """Why that is not what is to become of the file; None if it is."""
    if outcome in ('crash', 'nothing'):
        return outcome
    if 'should_fail' in name or 'not-valid' in name:
        late = any(later in name for later in LATER)
        if outcome == 'refused':
            return None if '"' in said or 'byte' in said else 'names nothing'
        return None if outcome == 'warning' or late else 'read without a word'
    return 'refused' if outcome == 'refused' else None


def group_of(name):
    if 'dpa-digitalwires' in name:
        return 'dpa'
    for part in ('should_pass', 'should_fail', 'not-valid'):
        if part in name:
            return part
    return 'examples'


def main(program, verbose=None):
    if not os.path.isdir(SUITE):
        print('skipped: %s is not there' % os.path.normpath(SUITE))
        return 77
    counts, problems = {}, 0
    for path in sorted(glob.glob(os.path.join(SUITE, '**', '*.json'), recursive=True)) + DPA:
        name = os.path.relpath(path, SUITE)
        if 'schema.json' in name or name.startswith('schema'):
            continue
        outcome, said = read(program, path)
        problem = wrong(name, outcome, said)
        problems += problem is not None
        key = (group_of(name), outcome)
        counts[key] = counts.get(key, 0) + 1
        if problem or verbose:
            print('%s: %s%s  %s' % (name, outcome, ' (%s)' % problem if problem else '', said))
    for (group, outcome), count in sorted(counts.items()):
        print('%-12s %-9s %4d' % (group, outcome, count))
    print('%d files, %d problems' % (sum(counts.values()), problems))
    return 1 if problems or not counts else 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]) if len(sys.argv) > 1 else __doc__)
