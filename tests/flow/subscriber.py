#!/usr/bin/python3
"""subscriber.py ENDPOINT [COUNT] [QUERY]: prints events as they come. All a client needs.

A message has three parts: topic, header (epoch 16 bytes, journal offset u64, sequence u64,
little-endian) and the event as JSON. The sequence counts one query's events: a number left
out is an event lost on the way, which the journal still has."""
import json
import struct
import sys

import zmq

endpoint = sys.argv[1]
count = int(sys.argv[2]) if len(sys.argv) > 2 else 0
query = sys.argv[3] if len(sys.argv) > 3 else ''

subscription = zmq.Context().socket(zmq.SUB)
subscription.setsockopt_string(zmq.SUBSCRIBE, query)
subscription.connect(endpoint)

received, last = 0, None
while not count or received < count:
    topic, header, body = subscription.recv_multipart()
    epoch, offset, sequence = struct.unpack('<16sQQ', header)
    if sequence == 0:
        sys.exit('the sink says: %s' % body.decode())
    if last is not None and sequence != last + 1:
        print('%d events missed' % (sequence - last - 1), file=sys.stderr)
    last = sequence
    received += 1
    event = json.loads(body)
    print(json.dumps({'id': event['id'], 'headline': event['headline'],
                      'places': [place['name'] for place in event['places']]},
                     ensure_ascii=False), flush=True)
