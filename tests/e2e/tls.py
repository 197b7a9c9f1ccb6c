"""TLS for the tests: certificates made with the openssl program, and a peer that speaks TLS in front of a plain server."""
import pathlib
import socket
import ssl
import subprocess
import threading
import warnings

from listener import Listener

HANDSHAKE = b'\x16'  # the first byte of a TLS connection: https://www.rfc-editor.org/rfc/rfc8446#section-5.1
NAMES = 'IP:127.0.0.1,DNS:localhost'


def openssl(*arguments, **options):
    return subprocess.run(['openssl', *map(str, arguments)], check=True, capture_output=True, **options)


class Certificate:
    """A certificate and its key, in one file each: `cert` and `key`."""

    def __init__(self, folder, name, signed_by=None, names=NAMES, days=2, authority=False):
        self.cert, self.key = pathlib.Path(folder, f'{name}.pem'), pathlib.Path(folder, f'{name}.key')
        request, extensions = pathlib.Path(folder, f'{name}.csr'), pathlib.Path(folder, f'{name}.ext')
        extensions.write_text('basicConstraints=critical,CA:TRUE\nkeyUsage=keyCertSign,cRLSign\n' if authority
                              else f'subjectAltName={names}\n')
        openssl('req', '-new', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-subj', f'/CN={name}',
                '-keyout', self.key, '-out', request)
        signer = ['-signkey', self.key] if signed_by is None else ['-CA', signed_by.cert, '-CAkey', signed_by.key,
                                                                   '-CAcreateserial']
        openssl('x509', '-req', '-in', request, '-out', self.cert, '-days', days, '-extfile', extensions, *signer)


class TlsPeer(Listener):
    """Ends TLS on a port of its own and passes what comes on to `port`. Counts what does not begin as TLS."""

    scheme = 'https'

    def __init__(self, port, certificate, only_tls_1_1=False):
        self.target = port
        self.handshakes, self.refused, self.plaintext = 0, 0, 0
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate.cert, certificate.key)
        if only_tls_1_1:
            with warnings.catch_warnings():
                warnings.simplefilter('ignore', DeprecationWarning)
                self.context.minimum_version = self.context.maximum_version = ssl.TLSVersion.TLSv1_1
            self.context.set_ciphers('ALL:@SECLEVEL=0')
        super().__init__()

    def serve(self, client):
        with client:
            first = client.recv(1, socket.MSG_PEEK)
            if first and first != HANDSHAKE:
                self.plaintext += 1
                return
            try:
                secure = self.context.wrap_socket(client, server_side=True)
            except OSError:
                self.refused += 1
                return
            self.handshakes += 1
            with secure, socket.create_connection(('127.0.0.1', self.target)) as plain:
                back = threading.Thread(target=self.pump, args=(plain, secure), daemon=True)
                back.start()
                self.pump(secure, plain)
                back.join()

    @staticmethod
    def pump(source, sink):
        try:
            while data := source.recv(65536):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # one side has gone, and so will the other
