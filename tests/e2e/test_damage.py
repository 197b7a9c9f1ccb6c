"""A ledger whose pages something else has overwritten: refused with 74 and the remedy, not written to, and saved."""
import json
import pathlib
import sqlite3
import unittest

from harness import Case

PAGE = 8192
INNER_TABLE = 5


class Pages:
    """A ledger at rest, page by page. https://www.sqlite.org/fileformat.html"""

    def __init__(self, path):
        self.path = path
        with sqlite3.connect(path) as ledger:
            ledger.execute('PRAGMA wal_checkpoint(TRUNCATE)')
            self.roots = dict(ledger.execute('SELECT name, rootpage FROM sqlite_schema'))
        ledger.close()
        self.bytes = path.read_bytes()

    def number(self, at, size=4):
        return int.from_bytes(self.bytes[at:at + size], 'big')

    def root(self, name):
        return self.roots[name]

    def last_leaf(self, table):
        """The leaf that the table's newest row lies on."""
        page = self.roots[table]
        while self.bytes[(page - 1) * PAGE] == INNER_TABLE:
            page = self.number((page - 1) * PAGE + 8)
        return page

    def inner(self, table):
        page = self.roots[table]
        assert self.bytes[(page - 1) * PAGE] == INNER_TABLE, f'{table} fits on one page'
        return page

    def free_list(self):
        page = self.number(32)
        assert page, 'no page is free'
        return page

    def ruin(self, page):
        with open(self.path, 'r+b') as file:
            file.seek((page - 1) * PAGE)
            file.write(b'\xa5' * PAGE)


class Damage(Case):
    def setUp(self):
        super().setUp()
        self.x, self.es = self.xsim(tweets=900), self.elasticsim()
        self.ledger = pathlib.Path(self.folder, 'ledger.db')
        alone = self.config(self.x)
        code, _, errors = self.finished('run', '--once', '--config', alone)
        self.assertEqual(code, 0, errors[-2000:])
        with sqlite3.connect(self.ledger) as ledger:  # pages that are free
            ledger.execute('CREATE TABLE gone (bytes)')
            ledger.execute('INSERT INTO gone VALUES (zeroblob(200000))')
            ledger.execute('DROP TABLE gone')
        ledger.close()
        self.path = self.config(self.x, self.es)

    def ruin(self, which):
        """Overwrites that page and returns the file as it is then."""
        pages = Pages(self.ledger)
        pages.ruin(which(pages))
        return self.ledger.read_bytes()

    def ends_with_74(self, ruined):
        daemon = self.daemon(self.path)
        self.assertEqual(daemon.program.wait(), 74, daemon.program.errors()[-2000:])
        self.assertIn('damaged', daemon.program.errors())
        self.assertIn('mentiond ledger salvage', daemon.program.errors())
        self.assertEqual(self.ledger.read_bytes(), ruined, 'the damaged file is left as it is')
        return daemon

    def salvaged_and_conserved(self):
        before, saved = self.ledger.read_bytes(), pathlib.Path(self.folder, 'saved.db')
        code, out, errors = self.finished('ledger', 'salvage', str(saved), '--config', self.path)
        self.assertEqual(code, 0, out + errors)
        self.assertEqual(self.ledger.read_bytes(), before, 'salvage reads alone')
        for end in ('', '-wal', '-shm'):
            pathlib.Path(f'{self.ledger}{end}').unlink(missing_ok=True)
        saved.rename(self.ledger)
        self.x.post('add', {'count': 20})
        code, _, errors = self.finished('run', '--once', '--config', self.path)
        self.assertEqual(code, 0, errors[-2000:])
        _, out, _ = self.finished('dead-letters', 'list', '--json', '--config', self.path)
        letters = json.loads(out)
        self.assert_conserved(self.x, self.es, [letter['id'] for letter in letters])
        lost = sum(letter['type'] == 'damaged' for letter in letters)
        code, out, errors = self.finished('ledger', 'verify', '--config', self.path)
        self.assertEqual(code, 65 if lost else 0, out + errors)
        self.assertIn(f'{lost} damaged', out)
        return letters

    def test_a_ledger_that_is_ruined_where_it_begins_is_refused_and_x_is_not_asked(self):
        for table in ('counter', 'sink', 'memory'):
            with self.subTest(table):
                whole, asked = self.ledger.read_bytes(), self.x.get('state')['requests']
                ruined = self.ruin(lambda pages: pages.root(table))
                self.ends_with_74(ruined)
                self.assertEqual(self.x.get('state')['requests'], asked)
                self.ledger.write_bytes(whole)
                for end in ('-wal', '-shm'):
                    pathlib.Path(f'{self.ledger}{end}').unlink(missing_ok=True)

    def test_a_leaf_ruined_among_what_waits_ends_it_with_74_and_salvage_saves_the_rest(self):
        ruined = self.ruin(lambda pages: pages.last_leaf('payload'))
        self.ends_with_74(ruined).event('sink_opened')
        letters = self.salvaged_and_conserved()
        self.assertEqual({letter['type'] for letter in letters}, {'damaged'})
        self.assertLess(len(letters), 20, 'one page of them')

    def test_an_inner_page_ruined_among_what_waits_ends_it_with_74_and_salvage_saves_all(self):
        ruined = self.ruin(lambda pages: pages.inner('payload'))
        self.ends_with_74(ruined).event('sink_opened')
        self.assertEqual(self.salvaged_and_conserved(), [])

    def test_a_ruined_list_of_free_pages_met_by_an_append_ends_it_with_74_and_salvage_saves_all(self):
        self.x.post('add', {'count': 300})
        ruined = self.ruin(lambda pages: pages.free_list())
        self.ends_with_74(ruined).event('started')
        self.assertEqual(self.salvaged_and_conserved(), [])

    def test_a_page_ruined_under_a_settlement_ends_it_with_74_and_salvage_saves_all(self):
        self.assertEqual(self.finished('run', '--once', '--config', self.path)[0], 0)
        bad = self.x.post('add', {'posts': [{'text': 'AWS Marketplace, the poisoned one'}]})['ids'][0]
        self.es.fault({'id': bad}, 'document_parsing')
        ruined = self.ruin(lambda pages: pages.root('set_aside'))
        self.ends_with_74(ruined).event('bulk_sent')
        self.assertEqual([letter['id'] for letter in self.salvaged_and_conserved()], [bad])


if __name__ == '__main__':
    unittest.main()
