"""What must not get out, and who must not get in: pins, secrets, tweet text, the admin server, core dumps."""
import base64
import contextlib
import http.client
import json
import os
import pathlib
import resource
import signal
import socket
import stat
import unittest

from harness import Case, Program, TOKEN, measures_the_shipped_program, until
from relay import hurried
from tls import Certificate, TlsPeer, openssl

DAYS_AGO = -1


def fingerprint(certificate):
    text = openssl('x509', '-in', certificate.cert, '-noout', '-fingerprint', '-sha256').stdout.decode()
    return text.strip().partition('=')[2]


def ask(place, path, headers=None):
    """(status, headers, text) from "HOST:PORT" or "unix:/path"."""
    connection = http.client.HTTPConnection(place if not place.startswith('unix:') else 'localhost', timeout=10)
    if place.startswith('unix:'):
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.connect(place.removeprefix('unix:'))
    with contextlib.closing(connection):
        connection.request('GET', path, headers=headers or {})
        reply = connection.getresponse()
        return reply.status, reply.headers, reply.read().decode()


class Pins(Case):
    def setUp(self):
        super().setUp()
        self.authority = Certificate(self.folder, 'authority', authority=True)
        self.x, self.es = self.xsim(tweets=300), self.elasticsim()

    def peer(self, *chain):
        """Elasticsearch behind TLS, presenting these."""
        whole = pathlib.Path(self.folder, 'chain.pem')
        whole.write_text(''.join(certificate.cert.read_text() for certificate in chain))
        presented = type('Presented', (), {'cert': whole, 'key': chain[0].key})
        peer = TlsPeer(self.es.port, presented)
        self.addCleanup(peer.close)
        return peer

    def pinning(self, peer, *pins, host='127.0.0.1'):
        return self.config(self.x, elasticsearch={'urls': [f'https://{host}:{peer.port}'], 'flush_every': '100ms',
                                                  'ca_fingerprints': list(pins)})

    def test_a_cluster_whose_ca_is_pinned_gets_everything_however_the_fingerprint_is_written(self):
        server = Certificate(self.folder, 'server', signed_by=self.authority)
        peer, pin = self.peer(server, self.authority), fingerprint(self.authority)
        other = fingerprint(Certificate(self.folder, 'other', authority=True))
        for pins in ([pin], [other, pin.replace(':', '').lower()]):
            with self.subTest(pins=pins):
                code, _, errors = self.finished('run', '--once', '--config', self.pinning(peer, *pins))
                self.assertEqual(code, 0, errors[-2000:])
                self.assert_conserved(self.x, self.es)
        self.assertEqual((peer.plaintext, peer.refused), (0, 0))

    def test_whoever_is_not_vouched_for_by_a_pinned_ca_is_refused_with_what_it_presents(self):
        stranger = Certificate(self.folder, 'stranger', authority=True)
        server = Certificate(self.folder, 'server', signed_by=self.authority)
        foreign = Certificate(self.folder, 'foreign', signed_by=stranger)
        expired = Certificate(self.folder, 'expired', self.authority, days=DAYS_AGO)
        elsewhere = Certificate(self.folder, 'elsewhere', self.authority, 'DNS:elsewhere.example')
        pin = fingerprint(self.authority)
        cases = [((foreign, stranger), pin, 'no CA among them is pinned', stranger),
                 ((server, self.authority), fingerprint(server), 'the pinned one is no CA', server),
                 ((server,), pin, 'none of them is a CA', server),
                 ((foreign, self.authority), pin, 'did not sign the server', self.authority),
                 ((expired, self.authority), pin, 'has expired', None),
                 ((elsewhere, self.authority), pin, 'is not for 127.0.0.1', None)]
        for chain, pinned, words, shown in cases:
            with self.subTest(words):
                peer = self.peer(*chain)
                code, out, errors = self.finished('check', '--online', '--config', self.pinning(peer, pinned))
                self.assertEqual(code, 69, out + errors)
                self.assertIn(words, out + errors)
                if shown:
                    self.assertIn(fingerprint(shown).replace(':', '').lower(), out + errors)
                self.assertEqual((peer.handshakes, peer.plaintext), (0, 0))
        self.assertEqual(self.es.get('state')['requests'], 0)


class Secrets(Case):
    WORDS = {'X': 'x-canary-4711', 'USER': 'es-user-canary', 'PASSWORD': 'es-password-canary', 'ADMIN': 'admin-canary-0815',
             'KEY': 'canaryid:canarykey'}

    def file(self, name, text, mode=0o600):
        path = pathlib.Path(self.folder, name)
        path.write_text(text + '\n')
        path.chmod(mode)
        return str(path)

    def test_a_secrets_file_that_others_can_read_is_refused_at_start_by_name_mode_and_remedy(self):
        x, es = self.xsim(), self.elasticsim()
        for section, key in (('x', 'bearer_token_file'), ('elasticsearch', 'api_key_file'), ('admin', 'token_file')):
            for mode in (0o644, 0o640):
                with self.subTest(key=key, mode=oct(mode)):
                    path = self.file('secret', 'a:b', mode)
                    config = self.config(x, es)
                    text = pathlib.Path(config).read_text()
                    if section == 'x':
                        text = text.replace('bearer_token: "${X_BEARER_TOKEN}"', f'bearer_token_file: {path}')
                    else:
                        text = text.replace(f'{section}:\n', f'{section}:\n  {key}: {path}\n')
                    pathlib.Path(config).write_text(text)
                    code, out, errors = self.finished('run', '--config', config)
                    self.assertEqual(code, 78, out + errors)
                    for words in (f'{section}.{key}', path, f'has mode {mode:04o}', 'chmod 600'):
                        self.assertIn(words, errors)

    def assert_silent(self, words, places):
        for name, text in places.items():
            for word in words:
                self.assertNotIn(word, text, f'a secret stands in {name}')

    def test_no_secret_gets_out_whatever_goes_wrong_even_at_debug_level(self):
        words = self.WORDS
        basic = base64.b64encode(f'{words["USER"]}:{words["PASSWORD"]}'.encode()).decode()
        x, es = self.xsim(tweets=200, token=words['X']), self.elasticsim(user=f'{words["USER"]}:{words["PASSWORD"]}')
        password = self.file('password', words['PASSWORD'])
        admin = self.file('admin', words['ADMIN'])
        config = self.config(
            x, es, admin={'listen': '127.0.0.1:0', 'token_file': admin},
            elasticsearch={'urls': [es.url], 'flush_every': '100ms', 'username': '${ES_USER}', 'password_file': password})
        environment = {'X_BEARER_TOKEN': words['X'], 'ES_USER': words['USER']}
        es.fault({'next': 2}, 'unauthorized')
        es.fault({'from': 3, 'count': 1}, 'html_502')
        x.fault({'next': 2}, 'html_503')
        daemon = self.daemon(config, env=environment)
        self.all_delivered(x, es)
        place, token = daemon.event('admin_listening')['address'], {'Authorization': f'Bearer {words["ADMIN"]}'}
        self.assertEqual(ask(place, '/status', {'Authorization': f'Bearer {words["ADMIN"]}x'})[0], 401)
        x.fault({}, 'unauthorized')
        x.post('add', {'count': 5})
        daemon.event('paused', half='collect', reason='auth', seconds=40)
        pid = daemon.program.process.pid
        places = {target: str(ask(place, target, token)) for target in ('/status', '/metrics', '/readyz', '/healthz', '/none')}
        self.assertIn('"version"', places['/status'])
        places['/status refused'] = str(ask(place, '/status'))
        places['cmdline'] = pathlib.Path(f'/proc/{pid}/cmdline').read_text()
        for verb in (['check'], ['check', '--online'], ['status'], ['status', '--json'], ['ledger', 'stats'], ['run', '--dry-run']):
            places[' '.join(verb)] = str(self.finished(*verb, '--config', config, env=environment))
        self.assertEqual(daemon.terminate(), 0)
        places['log'] = daemon.program.errors() + daemon.program.output()
        self.assertIn('"level":"debug"', places['log'], 'the log is at debug level')
        for ledger in pathlib.Path(self.folder).glob('ledger.db*'):
            places[ledger.name] = ledger.read_bytes().decode('latin-1')
        self.assert_silent([words['X'], words['PASSWORD'], words['ADMIN'], basic], places)
        self.assert_silent([words['USER']], {name: places[name] for name in places if not name.startswith('check')})

    def test_a_mistake_in_the_configuration_shows_no_variables_value(self):
        x = self.xsim()
        environment = {'CANARY': 'canary.example', 'URL': 'http://canary.example:80/'}
        for changes in ({'base_url': '${URL}'}, {'admin': {'listen': '${CANARY}'}},
                        {'elasticsearch': {'urls': ['${URL}'], 'api_key': 'a:b'}}, {'poll': {'every': '${CANARY}'}},
                        {'elasticsearch': {'urls': ['https://es'], 'api_key': '${CANARY}'}}):
            with self.subTest(changes):
                url = changes.pop('base_url', x)
                code, out, errors = self.finished('check', '--config', self.config(url, **changes), env=environment)
                self.assertEqual(code, 78, out + errors)
                self.assertNotIn('canary', out + errors)

    def test_a_key_that_is_mended_in_its_file_is_used_without_a_restart(self):
        x, es = self.xsim(tweets=200), self.elasticsim(api_key='canaryid:canarykey')
        path = self.file('key', 'canaryid:wrong')
        daemon = self.daemon(self.config(x, es, elasticsearch={'urls': [es.url], 'api_key_file': path}))
        daemon.event('paused', half='deliver', reason='auth')
        self.file('key', 'canaryid:canarykey')
        self.all_delivered(x, es)
        daemon.event('resumed', half='deliver', reason='auth')
        self.assertNotIn('canarykey', daemon.program.errors())
        self.assert_conserved(x, es)

    def test_a_token_that_is_mended_in_its_file_is_used_without_a_restart_at_once_after_a_reload(self):
        x, es = self.xsim(tweets=200), self.elasticsim()
        path = self.file('token', 'wrong')
        config = pathlib.Path(self.config(x, es))
        config.write_text(config.read_text().replace('bearer_token: "${X_BEARER_TOKEN}"', f'bearer_token_file: {path}'))
        daemon = self.daemon(str(config), env={'X_BEARER_TOKEN': None})
        daemon.event('paused', half='collect', reason='auth')
        self.file('token', TOKEN)
        daemon.program.process.send_signal(signal.SIGHUP)
        self.all_delivered(x, es)
        self.assertNotIn(TOKEN, daemon.program.errors())
        self.assert_conserved(x, es)

    def test_our_authorization_header_repeated_by_a_server_in_its_words_gets_no_further(self):
        token = 'x-canary-token-4711-0815'
        basic = base64.b64encode(b'me:es-password?canary>').decode()
        self.assertIn('/', basic)
        x, es = self.xsim(tweets=50, token=token), self.elasticsim(user='me:es-password?canary>')
        config = self.config(x, es, log={'level': 'debug', 'format': 'json'}, poll={'every': '1s'}, elasticsearch={
            'urls': [es.url], 'flush_every': '100ms', 'username': 'me', 'password': 'es-password?canary>'})
        environment = {**hurried(), 'X_BEARER_TOKEN': token}

        def said(word, where):
            def look():
                places[word] = where()
                return word in places[word]
            until(look, f'"{word}" is said')
        dead, = x.post('add', {'posts': [{'text': 'AWS Marketplace, dead'}]})['ids']
        es.fault({'id': dead}, do='item', status=400, type='document_parsing_exception', reason=f'canary-dead Basic {basic}')
        daemon = self.daemon(config, env=environment)
        place, places = daemon.event('admin_listening')['address'], {}
        said('canary-dead', lambda: str(self.finished('dead-letters', 'list', '--json', '--config', config)))
        for status, words in ((403, basic), (401, basic.replace('/', '\\/'))):
            body = {'error': {'type': 'security_exception', 'reason': f'canary-{status} [Basic WORDS]'}}
            es.fault({'next': 1}, do='status', status=status, body=json.dumps(body).replace('WORDS', words))
            again, = x.post('add', {'posts': [{'text': 'AWS Marketplace, again'}]})['ids']
            said(f'canary-{status}', daemon.program.errors)
            until(lambda: again in self.documents(es), 'the refusal is over')
        places['/status'] = ask(place, '/status')[2]
        for status in (401, 403):
            x.mend()
            x.fault({}, do='status', status=status, body=json.dumps({'title': f'canary-x-{status}', 'detail': f'Bearer {token}'}))
            places[f'check {status}'] = str(self.finished('check', '--online', '--config', config, env=environment))
            self.assertIn(f'canary-x-{status}', places[f'check {status}'])
        daemon.event('paused', half='collect', reason='auth')
        places['/status, paused'] = ask(place, '/status')[2]
        es.fault({'path': '/_security'}, do='body', body=json.dumps({'has_all_requested': False, 'said': f'canary-rights {basic}'}))
        places['check of rights'] = str(self.finished('check', '--online', '--config', config, env=environment))
        self.assertIn('canary-rights', places['check of rights'])
        self.assertEqual(daemon.terminate(), 0)
        places['log'] = daemon.program.errors()
        self.assert_silent([token, basic, basic.replace('/', '\\/')], places)

    @measures_the_shipped_program
    def test_a_crash_leaves_no_core_dump(self):
        folder = pathlib.Path(self.folder, 'core')
        folder.mkdir()
        config = self.config(self.xsim())
        before = os.getcwd()
        limits = resource.getrlimit(resource.RLIMIT_CORE)
        os.chdir(folder)
        try:
            resource.setrlimit(resource.RLIMIT_CORE, (limits[1], limits[1]))
            daemon = self.daemon(config)
            daemon.event('started')
            control = self.own(Program(self.folder, 'control', ['sleep', 'infinity'])).start()
        finally:
            os.chdir(before)
            resource.setrlimit(resource.RLIMIT_CORE, limits)

        def dumps_core(process):
            process.send_signal(signal.SIGSEGV)
            _, status = os.waitpid(process.pid, 0)
            process.returncode = -os.WTERMSIG(status)
            self.assertEqual(os.WTERMSIG(status), signal.SIGSEGV)
            return os.WCOREDUMP(status)
        self.assertFalse(dumps_core(daemon.program.process))
        self.assertEqual(list(folder.iterdir()), [])
        # Had nothing dumped core here in any case, this would prove nothing.
        if not dumps_core(control.process):
            pattern = pathlib.Path('/proc/sys/kernel/core_pattern').read_text().strip()
            nothing = f'proves nothing here: no program dumps core (core_pattern "{pattern}", limit {limits[1]})'
            print(f'{self.id()} {nothing}')
            self.skipTest(nothing)


class TweetText(Case):
    def test_no_word_of_a_tweet_is_in_the_log_of_a_run_with_trouble_at_the_default_level(self):
        x, es = self.xsim(tweets=100), self.elasticsim()
        text = 'AWS Marketplace quokkazebra listing'
        refused = x.post('add', {'posts': [{'text': text + ' refused'}, {'text': text + ' again'}]})['ids']
        named = x.post('add', {'posts': [{'text': text + ' unnamed type'}]})['ids']
        x.post('add', {'posts': [{'raw': '{"text":"AWS Marketplace quokkazebra", "id":"AWS Marketplace quokkazebra"}'},
                                 {'raw': '{"text":["AWS Marketplace quokkazebra without id"]}'}]})
        quoting = "failed to parse field [text]. Preview of field's value: 'AWS Marketplace quokkazebra'"
        for ident in refused:
            es.fault({'id': ident}, do='item', status=400, type='document_parsing_exception', reason=quoting)
        es.fault({'id': named[0]}, do='item', status=400, type='illegal_argument_exception', reason=quoting)
        es.fault({'next': 1}, do='status', status=400, body=json.dumps({'error': {
            'type': 'parse_exception', 'reason': quoting}, 'status': 400}))
        x.fault({'next': 1}, do='body', body='{"data":[{"id":"1","text":"quokkazebra"}]')
        x.fault({'next': 1}, do='partial_errors')
        config = self.config(x, es, log={'level': 'info', 'format': 'json'}, poll={'every': '1s'})
        daemon = self.daemon(config)
        until(lambda: daemon.metric('mentiond_dead_letters') >= 3, 'all of it became dead letters', 60)
        until(lambda: es.get('state')['documents'] > 50, 'the rest is delivered')
        answers = str([ask(daemon.event('admin_listening')['address'], path) for path in ('/status', '/metrics', '/readyz')])
        self.assertEqual(daemon.terminate(), 0)
        for line in daemon.program.errors().splitlines():
            self.assertNotIn('quokkazebra', line)
        self.assertNotIn('quokkazebra', answers)


class Admin(Case):
    def test_with_a_token_all_but_health_is_for_those_who_bring_it_and_a_new_one_counts_at_once(self):
        path = pathlib.Path(self.folder, 'token')
        path.write_text('open-sesame\n')
        path.chmod(0o600)
        config = self.config(self.xsim(), admin={'listen': '127.0.0.1:0', 'token_file': str(path)})
        daemon = self.daemon(config)
        place = daemon.event('admin_listening')['address']
        for target, alone, with_token in (('/healthz', 200, 200), ('/status', 401, 200), ('/metrics', 401, 200)):
            self.assertEqual(ask(place, target)[0], alone, target)
            self.assertEqual(ask(place, target, {'Authorization': 'Bearer wrong'})[0], alone, target)
            self.assertEqual(ask(place, target, {'Authorization': 'Bearer open-sesame'})[0], with_token, target)
        self.assertEqual(ask(place, '/status')[1]['WWW-Authenticate'], 'Bearer realm="mentiond"')
        path.write_text('other\n')
        self.assertEqual(ask(place, '/status', {'Authorization': 'Bearer open-sesame'})[0], 401)
        self.assertEqual(ask(place, '/status', {'Authorization': 'Bearer other'})[0], 200)
        # The verb brings it too; it needs to know the port.
        config = self.config(self.xsim(), admin={'listen': place, 'token_file': str(path)})
        code, out, errors = self.finished('status', '--json', '--config', config)
        self.assertEqual((code, json.loads(out)['version'] != ''), (0, True), errors)
        self.assertIn('uptime_seconds', out)
        code, out, _ = self.finished('status', '--config', config)
        self.assertIn('daemon ', out.splitlines()[0])
        self.assertNotIn('token', out.splitlines()[0])

    def test_a_reload_brings_a_token_in_and_takes_it_away(self):
        x = self.xsim()
        daemon = self.daemon(self.config(x))
        place = daemon.event('admin_listening')['address']
        for admin, status in (({'token': 'open-sesame'}, 401), ({}, 200)):
            self.config(x, admin=admin)
            daemon.program.process.send_signal(signal.SIGHUP)
            until(lambda: ask(place, '/status')[0] == status, f'{status} without a token')

    def test_a_unix_socket_is_its_owners_alone_and_goes_with_the_daemon(self):
        path = pathlib.Path(self.folder, 'admin.sock')
        config = self.config(self.xsim(), admin={'listen': f'unix:{path}'})
        daemon = self.daemon(config)
        place = daemon.event('admin_listening')['address']
        self.assertEqual(place, f'unix:{path}')
        self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600)
        self.assertEqual(ask(place, '/healthz')[0], 200)
        code, out, errors = self.finished('status', '--json', '--config', config)
        self.assertEqual(code, 0, errors)
        self.assertIn('uptime_seconds', out)
        code, out, errors = self.finished('status', '--config', config)
        self.assertRegex(out, r'\Adaemon (ready|not ready)')
        daemon.kill()
        self.assertTrue(path.exists())
        code, out, _ = self.finished('status', '--config', config)
        self.assertIn(f'no daemon answers on unix:{path}', out)
        again = self.daemon(config)  # the dead one's socket gives way
        self.assertEqual(ask(again.event('admin_listening')['address'], '/healthz')[0], 200)
        self.assertEqual(again.terminate(), 0)
        self.assertFalse(path.exists())

    def test_an_address_that_other_machines_reach_earns_a_warning_without_a_token(self):
        x = self.xsim()
        for admin, warned in (({'listen': '0.0.0.0:0'}, True), ({'listen': '0.0.0.0:0', 'token': 't'}, False),
                              ({'listen': '127.0.0.1:0'}, False)):
            with self.subTest(admin):
                code, _, errors = self.finished('check', '--config', self.config(x, admin=admin))
                self.assertEqual((code, 'warning: admin.listen: ' in errors), (0, warned), errors)
        daemon = self.daemon(self.config(x, admin={'listen': '0.0.0.0:0'}))
        self.assertIn('admin.token_file', daemon.event('configuration')['warning'])

    def test_a_crowd_of_bad_clients_stops_neither_delivery_nor_those_who_come_after_them(self):
        x, es = self.xsim(tweets=1000), self.elasticsim()
        daemon = self.daemon(self.config(x, es))
        host, port = daemon.event('admin_listening')['address'].split(':')
        with contextlib.ExitStack() as crowd:
            for number in range(200):
                client = crowd.enter_context(socket.create_connection((host, int(port))))
                with contextlib.suppress(OSError):
                    client.sendall((b'GET /status HTTP/1.1\r\nX: ', b'\x16\x03\x01', b'POST / HTTP/1.1\r\nHost: x\r\n'
                                    b'Content-Length: 99999999999\r\n\r\n', b'A' * 100_000)[number % 4])
            self.all_delivered(x, es)
        until(lambda: daemon.get('/healthz')[0] == 200, 'it answers again')
        self.assert_conserved(x, es)
        self.assertEqual(daemon.terminate(), 0)


if __name__ == '__main__':
    unittest.main()
