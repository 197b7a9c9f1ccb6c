"""TLS through the whole program: what is right works, and what is wrong is refused in words of its own."""
import re
import socket
import threading
import unittest

from harness import Case
from tls import Certificate, HANDSHAKE, TlsPeer

DAYS_AGO = -1


class Tls(Case):
    def setUp(self):
        super().setUp()
        self.authority = Certificate(self.folder, 'authority', authority=True)
        self.server = Certificate(self.folder, 'server', signed_by=self.authority)
        self.x, self.es = self.xsim(tweets=400), self.elasticsim()

    def peer(self, fake, certificate, **options):
        peer = TlsPeer(fake.port, certificate, **options)
        self.addCleanup(peer.close)
        return peer

    def trusting(self, certificate):
        """The environment in which OpenSSL takes this one as the system's store."""
        return {'SSL_CERT_FILE': str(certificate.cert), 'SSL_CERT_DIR': '/nonexistent'}

    def test_x_and_elasticsearch_behind_tls_deliver_everything_with_the_stores_and_ca_files_authority(self):
        x, es = self.peer(self.x, self.server), self.peer(self.es, self.server)
        other = Certificate(self.folder, 'other', authority=True)
        for trusted, ca_file in ((self.authority, ''), (self.authority, str(other.cert))):
            with self.subTest(ca_file=ca_file):
                config = self.config(x, es, elasticsearch={'urls': [es.url], 'ca_file': ca_file})
                code, _, errors = self.finished('run', '--once', '--config', config, env=self.trusting(trusted))
                self.assertEqual(code, 0, errors[-2000:])
                self.assert_conserved(self.x, self.es)
        self.assertEqual((x.plaintext, es.plaintext), (0, 0))

    def test_ca_file_alone_is_enough_for_elasticsearch_and_is_no_word_about_x(self):
        x, es = self.peer(self.x, self.server), self.peer(self.es, self.server)
        other = Certificate(self.folder, 'other', authority=True)
        elasticsearch = {'urls': [f'https://localhost:{es.port}'], 'ca_file': str(self.authority.cert)}
        code, _, errors = self.finished('run', '--once', '--config', self.config(self.x, elasticsearch=elasticsearch),
                                        env=self.trusting(other))
        self.assertEqual(code, 0, errors[-2000:])
        self.assert_conserved(self.x, self.es)
        asked = self.x.get('state')['requests']
        code, out, _ = self.finished('check', '--online', '--config', self.config(x, elasticsearch=elasticsearch),
                                     env=self.trusting(other))
        self.assertEqual(code, 69, out)
        self.assertEqual(self.x.get('state')['requests'], asked)

    def test_each_bad_certificate_and_an_old_protocol_is_refused_by_name_on_both_sides(self):
        stranger = Certificate(self.folder, 'stranger', authority=True)
        bad = {
            'is not for 127.0.0.1': {'certificate': Certificate(self.folder, 'elsewhere', self.authority, 'DNS:elsewhere.example')},
            'has expired': {'certificate': Certificate(self.folder, 'expired', self.authority, days=DAYS_AGO)},
            'authority is unknown': {'certificate': Certificate(self.folder, 'foreign', stranger)},
            'is self-signed': {'certificate': Certificate(self.folder, 'alone')},
            'TLS versions older than 1.2': {'certificate': self.server, 'only_tls_1_1': True},
        }
        started = []
        for number, (words, options) in enumerate(bad.items()):
            x, es = self.peer(self.x, **options), self.peer(self.es, **options)
            config = self.config(x, es, ledger={'path': f'{self.folder}/{number}.db'})
            daemon = self.daemon(config, env=self.trusting(self.authority), name=f'daemon-{number}')
            daemon.event('started')  # the next one's configuration has the same name
            started.append((words, x, es, daemon))
        for words, x, es, daemon in started:
            with self.subTest(words):
                said = {'elasticsearch': daemon.event('paused', half='deliver', reason='unreachable')['detail'],
                        'x': daemon.event('retry')['detail']}
                for service, detail in said.items():
                    self.assertRegex(detail, re.escape(words), service)
                    others = [other for other in bad if other != words and other in detail]
                    self.assertFalse(others, service)
                self.assertTrue(daemon.program.running())
                self.assertEqual((x.plaintext, es.plaintext, x.handshakes, es.handshakes), (0, 0, 0, 0))
                self.assertGreater(min(x.refused, es.refused), 0)
                self.assertEqual(daemon.terminate(), 0)
        self.assertEqual((self.x.get('state')['requests'], self.es.get('state')['requests']), (0, 0))

    def test_a_certificate_that_is_mended_is_noticed_without_a_restart(self):
        expired = Certificate(self.folder, 'expired', self.authority, days=DAYS_AGO)
        es = self.peer(self.es, expired)
        daemon = self.daemon(self.config(self.x, es), env=self.trusting(self.authority))
        daemon.event('paused', half='deliver', reason='unreachable')
        es.context.load_cert_chain(self.server.cert, self.server.key)
        self.all_delivered(self.x, self.es)
        daemon.event('resumed', half='deliver', reason='unreachable')
        self.assertEqual(daemon.metric('mentiond_dead_letters'), 0)
        self.assert_conserved(self.x, self.es)

    def test_a_plain_server_behind_an_https_url_is_named_and_no_plaintext_follows(self):
        received = []

        def answer(server):  # as a web server answers what it cannot read
            client, _ = server.accept()
            with client:
                received.append(client.recv(65536))
                client.sendall(b'HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n')
        with socket.create_server(('127.0.0.1', 0)) as server:
            threading.Thread(target=answer, args=(server,), daemon=True).start()
            config = self.config(self.x, f'https://127.0.0.1:{server.getsockname()[1]}')
            code, out, errors = self.finished('check', '--online', '--config', config)
        self.assertEqual(code, 69, out + errors)
        self.assertIn('does not speak TLS', out + errors)
        self.assertEqual([data[:1] for data in received], [HANDSHAKE])


if __name__ == '__main__':
    unittest.main()
