"""pages.py: pages.txt as annotated documents. The file's head says how a page is marked."""
import re

KINDS = {'n': 'navigation', 'c': 'caption', 'k': 'credit', 'b': 'byline', 'r': 'related',
         't': 'teaser', 'x': 'repeat', 's': 'signoff'}
HEAD = re.compile(r'== (\S+) (\S+)(?: place=(.*?))?(?: date=(\S+))?$')


def marked(line, signs):
    """The line without the two signs, and the span between them, or None."""
    start = line.find(signs[0])
    if start < 0:
        return line, None
    end = line.index(signs[1])
    inside = line[start + len(signs[0]):end]
    return line[:start] + inside + line[end + len(signs[1]):], (start, start + len(inside))


def add_line(document, kind, line):
    at = len(document['text'])
    line, dateline = marked(line, '{}')
    line, credit = marked(line, ('<<', '>>'))
    document['text'] += line + '\n'
    if dateline:
        colon = line[dateline[1] - 1] == ':'
        document['dateline'].update(start=at + dateline[0], end=at + dateline[1] - colon)
    if kind == 'H':
        document['headline'] = line
    if kind not in KINDS or not line:
        return
    spans = [(at, at + len(line), KINDS[kind])]
    if credit:
        spans = [(at, at + credit[0], KINDS[kind]), (at + credit[0], at + credit[1], 'credit')]
    for start, end, name in spans:
        document['furniture'].append({'start': start, 'end': end, 'kind': name})


def documents(path):
    found = []
    with open(path, encoding='utf-8') as file:
        for line in file:
            head = HEAD.match(line)
            if head:
                name, published, place, date = head.groups()
                found.append({'id': name, 'published': published, 'text': '', 'furniture': [],
                              'dateline': {'place': place, 'geonameid': None, 'date': date}
                              if place else None})
            elif found and '|' in line:
                add_line(found[-1], *line.rstrip('\n').split('|', 1))
    return found
