"""Replies that no honest server sends, from both services: refused by name within bounded memory, tried again, survived."""
import json
import pathlib
import threading
import unittest
import zlib

from harness import SHIPPED, Case, http, until
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


def of_type(reply, content_type):
    """An honest reply under another type, or none."""
    fields, body = reply.split(b'\r\n\r\n', 1)
    kept = [line for line in fields.split(b'\r\n') if not line.lower().startswith(b'content-type:')]
    kept += [b'Connection: close'] + ([b'Content-Type: ' + content_type] if content_type else [])
    return b'\r\n'.join(kept) + b'\r\n\r\n' + body


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

    def assert_bounded(self, daemon):
        peak = next(int(line.split()[1]) * 1024 for line in
                    pathlib.Path(f'/proc/{daemon.program.process.pid}/status').read_text().splitlines() if line.startswith('VmHWM'))
        if self.binary == SHIPPED:  # a sanitizer's own memory is no promise of ours
            self.assertLess(peak, MOST_MEMORY)

    def polled(self):
        until(lambda: all(query['served'] >= query['matching'] for query in self.x.get('state')['queries'].values()), 'polled')

    def survives(self, daemon):
        self.assert_bounded(daemon)
        self.x.post('add', {'count': 30})
        self.polled()
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

    def waits_out(self, relay, asked, pieces, words):
        """A start at which each reply to the request `asked` is this one instead: no bulk goes out, and the log has these
        words for it. Then it is honest again."""
        last, bulks = threading.local(), self.es.get('state')['bulks']  # a thread a connection
        relay.sent = lambda request: setattr(last, 'request', request)

        def act(_, reply):
            if not last.request.startswith(asked):
                return None

            def send(client):
                if asked.startswith(b'PUT'):
                    self.forget_the_template()  # or it would be found there by the next look
                for piece in pieces():
                    client.sendall(piece)
            return send
        relay.act = act
        self.x.post('add', {'count': 30})
        daemon = self.daemon(self.config(self.x, relay, poll={'every': '10s'}), env=hurried())
        try:
            until(lambda: any(words in line['detail'] for line in daemon.events('paused')), f'"{words}" is said')
            self.polled()
            self.assertEqual(self.es.get('state')['bulks'], bulks)
            relay.act = None
            self.all_delivered(self.x, self.es)
            self.assert_bounded(daemon)
            self.assertFalse(daemon.events('dead_letter'))
            self.assertEqual(daemon.terminate(), 0)
        finally:
            relay.act = None
            daemon.kill()

    def forget_the_template(self):
        http(f'{self.es.url}/_index_template/cloud_marketplace_data', method='DELETE')

    def test_whatever_get_slash_replies_at_the_start_is_said_and_waited_out_and_no_bulk_goes_out_before(self):
        replies = {
            'a nesting of a million': f'{{"cluster_uuid":{DEEP}}}',
            'a number of a million digits': f'{{"cluster_uuid":{NUMBER}}}',
            'a uuid that is given twice': '{"cluster_uuid":"one","cluster_uuid":"other"}',
            'bytes that are no UTF-8': b'{"cluster_uuid":"u","tagline":"\xff\xfe"}',
            'a list': '[{"cluster_uuid":"u"}]',
            'a uuid of another type': '{"cluster_uuid":["u"],"version":{"number":"8.5.2"}}',
            'HTML with a 200': '<html>We will be back</html>',
        }
        es, words = self.relay(self.es), 'not as a cluster does'
        for name, (pieces, said) in {**BOTH, **{name: (lambda body=body: whole(body), words) for name, body in replies.items()}}.items():
            with self.subTest(name):
                self.waits_out(es, b'GET / ', pieces, said)
        self.assert_conserved(self.x, self.es)

    def test_whatever_is_replied_about_the_index_template_is_said_and_waited_out_and_no_bulk_goes_out_before(self):
        entry = '{"name":"cloud_marketplace_data","index_template":{"_meta":{"managed_by":"mentiond","version":VERSION}}}'
        look, install = 'no answer about the index template: status 200', 'the index template could not be installed: status 200'
        found = {
            'a nesting of a million': (f'{{"index_templates":{DEEP}}}', look),
            'a version of a million digits': (f'{{"index_templates":[{entry.replace("VERSION", NUMBER)}]}}', 'is not ours'),
            'a list that is given twice': ('{"index_templates":[],"index_templates":[]}', look),
            'bytes that are no UTF-8': (b'{"index_templates":[{"name":"\xff\xfe"}]}', look),
            'a list of another type': ('{"index_templates":"none"}', look),
            'HTML with a 200': ('<html>We will be back</html>', look),
        }
        installed = {
            'a nesting of a million': (f'{{"acknowledged":{DEEP}}}', install),
            'a number of a million digits': (f'{{"acknowledged":{NUMBER}}}', install),
            'a word that is given twice': ('{"acknowledged":false,"acknowledged":true}', install),
            'bytes that are no UTF-8': (b'{"acknowledged":true,"said":"\xff\xfe"}', install),
            'a word of another type': ('{"acknowledged":"true"}', install),
            'HTML with a 200': ('<html>We will be back</html>', install),
        }
        es = self.relay(self.es)
        for method, replies in (('GET', found), ('PUT', installed)):
            bodies = {name: (lambda body=body: whole(body), words) for name, (body, words) in replies.items()}
            for name, (pieces, words) in {**BOTH, **bodies}.items():
                with self.subTest(f'{name} to {method}'):
                    self.forget_the_template()
                    self.waits_out(es, f'{method} /_index_template/'.encode(), pieces, words)
        self.assert_conserved(self.x, self.es)

    def test_a_page_and_a_bulks_reply_that_are_whole_are_taken_once_whatever_content_type_they_bear_or_none(self):
        x, es = self.relay(self.x), self.relay(self.es)
        daemon = self.start(x, es)
        for content_type in (b'text/html; charset=iso-8859-1', b'text/plain', b'image/png', b'no type at all', None):
            with self.subTest(content_type):
                typed = {x: 0, es: 0}

                def act(relay, only, reply):
                    if only not in reply:
                        return None
                    typed[relay] += 1
                    return lambda client: client.sendall(of_type(reply, content_type))
                x.act, es.act = lambda _, reply: act(x, b'', reply), lambda _, reply: act(es, b'"items":', reply)
                self.x.post('add', {'count': 30})
                self.polled()
                self.all_delivered(self.x, self.es)
                until(lambda: all(typed.values()), 'both have sent it')
        self.assertEqual([line for line in daemon.events() if line.get('level') in ('warn', 'error')], [])
        def sent():
            return [line['outcome'] for line in daemon.events('bulk_sent')]
        bulks = self.es.get('state')['bulks']
        until(lambda: len(sent()) >= bulks, 'all of them are known to be taken')
        self.assertEqual(sent(), ['ok'] * bulks, 'each bulk went out once')
        x.act = es.act = None
        self.survives(daemon)

    def test_half_a_surrogate_in_a_post_is_delivered_as_valid_text(self):
        fresh = int(self.x.post('add', {'posts': [{'text': 'AWS Marketplace'}]})['ids'][0]) + 1
        raw = f'{{"id":"{fresh}","text":"AWS Marketplace \\ud83d here","edit_history_tweet_ids":["{fresh}"]}}'
        self.x.post('add', {'posts': [{'id': str(fresh), 'raw': raw}]})
        daemon = self.start(self.x, self.es)
        self.survives(daemon)


if __name__ == '__main__':
    unittest.main()
