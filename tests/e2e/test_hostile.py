"""Replies that no honest server sends, from both services: refused by name within bounded memory, tried again, survived."""
import json
import pathlib
import unittest
import zlib

from harness import SHIPPED, Case, until
from relay import Relay, hurried

MIB = 1024 * 1024
MOST_MEMORY = 400 * MIB  # a reply may be 32 MiB packed and 64 MiB unpacked, and is copied on its way


def head(*fields, status='200 OK'):
    return '\r\n'.join([f'HTTP/1.1 {status}', *fields, '\r\n']).encode()


def whole(body, *fields):
    body = body.encode() if isinstance(body, str) else body
    return [head(f'Content-Length: {len(body)}', *(fields or ['Content-Type: application/json'])), body]


def zeros_packed(mebibytes):
    """A gzip stream of so many MiB of zeros, in pieces."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    yield packer.compress(bytes(MIB)) + packer.flush(zlib.Z_FULL_FLUSH)
    piece = packer.compress(bytes(MIB)) + packer.flush(zlib.Z_FULL_FLUSH)
    for _ in range(mebibytes - 1):
        yield piece


def forever(start, piece):
    yield start
    while True:
        yield piece


def bomb():
    yield head('Transfer-Encoding: chunked', 'Content-Encoding: gzip', 'Content-Type: application/json')
    for piece in zeros_packed(1024):
        yield b'%x\r\n%s\r\n' % (len(piece), piece)
    yield b'0\r\n\r\n'


def page(data, count):
    return whole(f'{{"data":{data},"meta":{{"result_count":{count}}}}}')


def items(inner, more=''):
    return whole(f'{{"took":1,"errors":false,"items":{inner}{more}}}')


DEEP = '[' * 10**6 + ']' * 10**6
MILLION = '[' + ','.join(['{}'] * 10**6) + ']'
NUMBER = '9' * 10**6
# What both may send: name: (a reply in pieces, what the log says of it).
BOTH = {
    'a gzip bomb': (bomb, 'beyond the limits'),
    'headers without end': (lambda: forever(head().removesuffix(b'\r\n'), b'Never: ending\r\n'), 'beyond the limits'),
    'a body without end': (lambda: forever(head('Transfer-Encoding: chunked'), b'10000\r\n' + bytes(65536) + b'\r\n'),
                           'beyond the limits'),
    'a broken gzip': (lambda: whole(b'\x1f\x8b\x08 no gzip', 'Content-Encoding: gzip'), 'cannot be read'),
    'no HTTP at all': (lambda: [b'SSH-2.0-OpenSSH_9.2\r\n'], 'cannot be read'),
    'two lengths': (lambda: [head('Content-Length: 5', 'Content-Length: 6'), b'{}   {'], 'cannot be read'),
}


class Hostile(Case):
    def setUp(self):
        super().setUp()
        self.x, self.es = self.xsim(tweets=300), self.elasticsim()

    def relay(self, fake):
        relay = Relay(fake.port)
        self.addCleanup(relay.close)
        return relay

    def start(self, x, es):
        daemon = self.daemon(self.config(x, es, poll={'every': '10s'}), env=hurried())
        self.all_delivered(self.x, self.es)
        return daemon

    def suffers(self, relay, pieces, words, daemon, only=b''):
        """Each reply that holds `only` is this one instead, until the log has these words for it."""
        seen, done = len(daemon.events()), []

        def act(_, reply):
            if only not in reply:
                return None

            def send(client):
                done.append(True)
                for piece in pieces():
                    client.sendall(piece)
            return send
        relay.act = act

        def heard():
            self.x.post('add', {'count': 1})
            return done and any(words in json.dumps(line) for line in daemon.events()[seen:])
        try:
            until(heard, f'"{words}" is said')
        finally:
            relay.act = None
        until(lambda: daemon.metric('mentiond_paused{half="deliver",reason="unreachable"}') == 0, 'it goes on', 60)

    def survives(self, daemon):
        peak = next(int(line.split()[1]) * 1024 for line in
                    pathlib.Path(f'/proc/{daemon.program.process.pid}/status').read_text().splitlines() if line.startswith('VmHWM'))
        if self.binary == SHIPPED:  # a sanitizer's own memory is no promise of ours
            self.assertLess(peak, MOST_MEMORY)
        self.x.post('add', {'count': 30})
        until(lambda: all(query['served'] >= query['matching'] for query in self.x.get('state')['queries'].values()), 'polled')
        self.all_delivered(self.x, self.es)
        self.assertFalse(daemon.events('dead_letter'))
        self.assertFalse(daemon.events('parked'))
        self.assertEqual(daemon.terminate(), 0)
        self.assert_conserved(self.x, self.es)

    def test_whatever_x_replies_is_refused_by_name_and_the_next_page_is_taken(self):
        pages = {
            'a nesting of a million': (lambda: page(DEEP, 1), 'nest'),
            'a number of a million digits': (lambda: page('[]', NUMBER), 'result_count'),
            'a count that is given twice': (lambda: whole('{"meta":{"result_count":0},"meta":{"result_count":7}}'), 'result_count'),
            'bytes that are no UTF-8': (lambda: whole(b'{"data":[{"id":"1","text":"\xff\xfe"}],"meta":{"result_count":1}}'), 'UTF-8'),
            'a million posts': (lambda: page(MILLION, 10**6), 'more items than'),
            'HTML with a 200': (lambda: whole('<html>We will be back</html>', 'Content-Type: text/html'), 'JSON'),
            'a page that is cut but whole to HTTP': (lambda: whole('{"data":[{"id":"19'), 'never closed'),
        }
        x = self.relay(self.x)
        daemon = self.start(x, self.es)
        for name, (pieces, words) in {**BOTH, **pages}.items():
            with self.subTest(name):
                self.suffers(x, pieces, words, daemon)
                asked = self.x.get('state')['pages']
                until(lambda: self.x.get('state')['pages'] > asked, 'the next page is taken')
        self.survives(daemon)

    def test_whatever_the_sink_replies_to_a_bulk_is_an_unknown_outcome_and_all_of_it_goes_out_again(self):
        created = '{"index":{"_index":"i","_id":"1","_version":1,"result":"created","status":201}}'
        replies = {
            'a nesting of a million': (lambda: items(DEEP), 'cannot be read'),
            'a status of a million digits': (lambda: items(f'[{{"index":{{"status":{NUMBER}}}}}]'), 'cannot be read'),
            'items that are given twice': (lambda: items(f'[{created}]', ',"items":[]'), 'cannot be read'),
            'bytes that are no UTF-8': (lambda: whole(b'{"items":[{"index":{"_id":"\xff\xfe","status":201}}]}'), 'UTF-8'),
            'a million items': (lambda: items('[' + ','.join(['{"index":{"status":201}}'] * 10**6) + ']'), 'more items than'),
            'HTML with a 200': (lambda: whole('<html>We will be back</html>', 'Content-Type: text/html'), 'cannot be read'),
        }
        es = self.relay(self.es)
        daemon = self.start(self.x, es)
        for name, (pieces, words) in {**BOTH, **replies}.items():
            with self.subTest(name):
                self.suffers(es, pieces, words, daemon, only=b'"items":')
                self.all_delivered(self.x, self.es)
        self.survives(daemon)

    def test_half_a_surrogate_in_a_post_is_delivered_as_valid_text(self):
        fresh = int(self.x.post('add', {'posts': [{'text': 'AWS Marketplace'}]})['ids'][0]) + 1
        raw = f'{{"id":"{fresh}","text":"AWS Marketplace \\ud83d here","edit_history_tweet_ids":["{fresh}"]}}'
        self.x.post('add', {'posts': [{'id': str(fresh), 'raw': raw}]})
        daemon = self.start(self.x, self.es)
        self.survives(daemon)


if __name__ == '__main__':
    unittest.main()
