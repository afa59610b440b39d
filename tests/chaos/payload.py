"""payload.py: the reports of the chaos runs. Everything about one follows from the seed, its
guid and its version, so that the oracle keeps a digest and can make the text again."""
import datetime
import hashlib
import random

SENTENCES = (
    'Talks on the border opened in Geneva on Monday, two diplomats said.',
    'Governor Amina Yusuf of Kano called the vote "a test for all of us".',
    'Rain closed the road between Zürich and São Paulo Street for a night.',
    'Im Hafen von Gdańsk lagen am Dienstag noch elf Schiffe.',
    'Officials in Tripoli declined to comment on the figures.',
    'В Москве об этом сообщили два чиновника.',
    'The price of wheat rose 3.4 percent on 14 January, traders in Cairo said.',
    'Ms Okafor, 41, had led the union since March 2019.',
    'A tsunami warning was lifted after two hours; nobody was hurt. 🌊',
    'The Harbour Authority of Lagos expects 23 ships this week.',
    '北京方面没有立即回应。',
    'Police counted four thousand people on the square, organisers ten thousand.',
)
LONGEST = 200 * 1024  # bytes
# Texts are cut out of this; its first half is where they may begin.
PROSE = random.Random('prose').choices(SENTENCES, k=7000)
PROSE = ' '.join(s + ('\n\n' if i % 5 == 4 else '') for i, s in enumerate(PROSE))


def digest_of(text):
    return hashlib.blake2b(text.encode(), digest_size=12).digest()


def length_of(rng):
    """Characters wanted: most reports are short, a few are long."""
    kind = rng.random()
    if kind < 0.93:
        return rng.randrange(20, 1500)
    if kind < 0.993:
        return rng.randrange(1500, 10000)
    return rng.randrange(10000, LONGEST)


def text_of(seed, guid, version):
    """The text of one version of one story."""
    rng = random.Random('%s/%s/%d' % (seed, guid, version))
    length = length_of(rng)
    at = PROSE.index(' ', rng.randrange(len(PROSE) // 2)) + 1
    body = PROSE[at:at + length].encode()[:LONGEST - 200].decode(errors='ignore').strip()
    return 'Item %s version %d\n\n%s\n' % (guid, version, body)


def record_of(seed, guid, version, canceled=False, embargo_ms=0):
    """The feed record (EVENT.md) of it."""
    record = {'guid': guid, 'version': version, 'published': '2020-01-14',
              'text': text_of(seed, guid, version)}
    if embargo_ms:
        moment = datetime.datetime.fromtimestamp(embargo_ms / 1000, datetime.timezone.utc)
        record.update(embargo_until=moment.isoformat(timespec='milliseconds'))
    if canceled:
        record.update(action='kill', status='canceled')
    return record
