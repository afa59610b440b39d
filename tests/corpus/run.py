#!/usr/bin/python3
"""run.py PROGRAM [FOLDER|CASE]...    tag every case of the corpus and compare

A case is a folder with input.txt or input.json (one feed record) and want.json: a part of the
event. Every value in it must be there: of an object the listed keys, of a list each listed item
somewhere among the event's items, in any order. Besides:

    "_published": DATE      given to the program as --published
    "_absent": {KEY: [..]}  items that must match none of the event's
    "_count": {KEY: n}      how many items a list has

Or it is a folder with marked.txt, a page on which every line begins with what it is, one of MARKS
and a bar; where that changes within a line stands ¦ and the next mark. "=|" begins a story. From
the page without its marks each story must get the headline, and furniture where and of what kind
the marks say, blanks aside. "d|" is a date line, "l|" a dateline; neither is furniture.
"""
import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


def lacks(want, have, where):
    """What of `want` is not in `have`, as text; '' if nothing."""
    if isinstance(want, dict):
        if not isinstance(have, dict):
            return '%s is %s' % (where, json.dumps(have))
        for key, value in want.items():
            if key not in have:
                return '%s has no "%s"' % (where, key)
            problem = lacks(value, have[key], '%s.%s' % (where, key))
            if problem:
                return problem
        return ''
    if isinstance(want, list):
        for item in want:
            if not isinstance(have, list) or all(lacks(item, h, where) for h in have):
                near = [h for h in have or [] if isinstance(item, dict) and isinstance(h, dict)
                        and h.get('text') == item.get('text')]
                return '%s has no %s%s' % (where, json.dumps(item, ensure_ascii=False),
                                           ', but ' + json.dumps(near, ensure_ascii=False)
                                           if near else '')
        return ''
    return '' if want == have else '%s is %s, not %s' % (where, json.dumps(have, ensure_ascii=False),
                                                         json.dumps(want, ensure_ascii=False))


MARKS = {'.': None, 'h': 'headline', 'd': None, 'l': None, 'n': 'navigation', 'c': 'caption',
         'k': 'credit', 'b': 'byline', 'r': 'related', 't': 'teaser', '2': 'repeat',
         's': 'signoff'}


def unmark(marked):
    """The page, and of each of its characters (the number of its story, what it is)."""
    text, kinds, story = '', [], 1
    for line in marked.splitlines():
        if line == '=|':
            story += 1
            continue
        for piece in line.split('¦') if line else []:
            text += piece[2:]
            kinds += [(story, MARKS[piece[0]])] * len(piece[2:])
            assert piece[1] == '|', line
        text += '\n'
        kinds.append((story, None))
    return text, kinds


def has_kinds(text, events):
    """What each character of the page is by the events, in the form of unmark."""
    found = [(0, None)] * len(text)
    for event in events:
        part, length = event['part'], len(event['text'])
        found[part['start']:part['start'] + length] = [(part['n'], None)] * length
        for item in event['furniture']:
            for i in range(item['start'], item['end']):
                found[part['start'] + i] = (part['n'], item['kind'])
    return found


def check_marked(program, case):
    with open(os.path.join(case, 'marked.txt'), encoding='utf-8') as file:
        text, kinds = unmark(file.read())
    done = subprocess.run([program, '--format', 'text', '-'], input=text.encode(),
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if done.returncode:
        return ['exit code %d: %s' % (done.returncode, done.stderr.decode())]
    events = [json.loads(line) for line in done.stdout.decode().splitlines()]
    problems = []
    found, start = has_kinds(text, events), 0
    for line in text.split('\n'):
        end = start + len(line)
        want = [(s, None if k == 'headline' else k) for s, k in kinds[start:end]]
        have = found[start:end]
        wrong = [i for i in range(len(line)) if want[i] != have[i] and not line[i].isspace()]
        if wrong:
            problems.append('%s, not %s: %s' % (have[wrong[0]], want[wrong[0]],
                                                line[wrong[0]:wrong[-1] + 1]))
        start = end + 1
    for event in events:
        want = ' '.join(''.join(c if kinds[i][1] == 'headline' else '\n' for i, c in
                                enumerate(text) if kinds[i][0] == event['part']['n']).split())
        if want != ' '.join((event['headline'] or '').split()):
            problems.append('headline of %d is %r' % (event['part']['n'], event['headline']))
    return problems


def spans(event):
    """Every span of the event that gives its text must be where it says."""
    text = event['text']
    todo, wrong = [event], []
    while todo:
        node = todo.pop()
        if isinstance(node, list):
            todo += node
        elif isinstance(node, dict):
            todo += [v for k, v in node.items() if k != 'extra']
            if 'start' in node and 'end' in node and 'text' in node and node is not event:
                if text[node['start']:node['end']] != node['text']:
                    wrong.append('span %r is not at %d' % (node['text'], node['start']))
    return wrong


def check(program, case):
    if os.path.exists(os.path.join(case, 'marked.txt')):
        return check_marked(program, case)
    want = json.load(open(os.path.join(case, 'want.json'), encoding='utf-8'))
    path = os.path.join(case, 'input.json')
    command = [program, '--format', 'ndjson']
    if not os.path.exists(path):
        path = os.path.join(case, 'input.txt')
        command = [program, '--format', 'text']
    if '_published' in want:
        command += ['--published', want.pop('_published')]
    done = subprocess.run(command + [path], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if done.returncode:
        return ['exit code %d: %s' % (done.returncode, done.stderr.decode())]
    event = json.loads(done.stdout.decode().split('\n')[0])
    problems = spans(event)
    for key, items in want.pop('_absent', {}).items():
        for item in items:
            problems += ['%s has %s' % (key, json.dumps(h, ensure_ascii=False))
                         for h in event[key] if not lacks(item, h, key)]
    for key, count in want.pop('_count', {}).items():
        if len(event[key]) != count:
            problems.append('%d %s, not %d: %s' % (len(event[key]), key, count, json.dumps(
                [h.get('text', h) for h in event[key]], ensure_ascii=False)))
    for key, value in want.items():
        problem = lacks({key: value}, event, 'event')
        if problem:
            problems.append(problem)
    return problems


def cases(paths):
    for path in paths:
        for folder, _, files in sorted(os.walk(path)):
            if 'want.json' in files or 'marked.txt' in files:
                yield folder


def main(program, *paths):
    total = failed = 0
    for case in cases(paths or [HERE]):
        total += 1
        problems = check(program, case)
        failed += bool(problems)
        for problem in problems:
            print('%s: %s' % (os.path.relpath(case, HERE), problem))
    print('%d cases, %d failed' % (total, failed))
    return 1 if failed or not total else 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]) if len(sys.argv) > 1 else __doc__)
