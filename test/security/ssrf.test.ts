// T5: requests go to the configured connection and nowhere else, however an address is written and wherever it came from.
import { createServer } from 'node:http';
import type { AddressInfo, LookupFunction } from 'node:net';
import type { AxiosAdapter } from 'axios';
import { afterEach, describe, expect, it } from 'vitest';
import { createGuardedLookup, kindOfAddress } from '../../src/connectors/address.ts';
import { connectorTypes } from '../../src/connectors/registry.ts';
import { createTransport, type TransportOptions } from '../../src/connectors/transport.ts';
import { SyncError } from '../../src/errors.ts';
import { silentLog, systemClock } from '../../src/ports.ts';
import { reportGoal } from '../support/cases.ts';

const ORIGIN = 'https://portal.nordhafen.example';

/** Link-local and metadata, in every spelling that some parser takes. */
const METADATA = [
  '169.254.169.254',
  '169.254.169.254.',
  '2852039166',
  '0xa9fea9fe',
  '0xA9.0xFE.0xA9.0xFE',
  '0251.0376.0251.0376',
  '0251.254.0xa9.254',
  '169.16689662',
  '169.254.43518',
  '%31%36%39.254.169.254',
  '１６９.２５４.１６９.２５４',
  '169。254。169。254',
  '①⑥⑨.②⑤④.①⑥⑨.②⑤④',
  '[::ffff:169.254.169.254]',
  '[::ffff:a9fe:a9fe]',
  '[0:0:0:0:0:ffff:a9fe:a9fe]',
  '[::169.254.169.254]',
  '[64:ff9b::169.254.169.254]',
  '[64:ff9b:1::a9fe:a9fe]',
  '[2002:a9fe:a9fe::]',
  '[::ffff:0:169.254.169.254]',
  '[fe80::1]',
  '[FE80::A9FE:A9FE]',
  '[febf::1]',
  '[fec0::1]',
  '[fd00:ec2::254]',
  '[fd20:ce::254]',
  '[ff02::1]',
  '[::]',
  '169.254.170.2',
  '169.254.0.1',
  '169.254.255.255',
  '100.100.100.200',
  '168.63.129.16',
  '192.0.0.192',
  '0.0.0.0',
  '0',
  '0.1.2.3',
  '224.0.0.1',
  '239.255.255.250',
  '255.255.255.255',
];

const INSIDE = [
  'localhost',
  'LOCALHOST',
  'localhost.',
  '127.0.0.1',
  '127.1',
  '127.0.1.3',
  '2130706433',
  '0x7f000001',
  '017700000001',
  '[::1]',
  '[::ffff:127.0.0.1]',
  '10.0.0.5',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.1.1',
  '100.64.0.1',
  '198.18.0.1',
  '[fc00::1]',
  '[fd12:3456::1]',
];

const STRANGERS = [
  'evil.example',
  'portal.nordhafen.example.evil.example',
  'evil.example.',
  'portal-nordhafen.example',
  'portal.nordhafen.examp1e',
  'xportal.nordhafen.example',
  'nordhafen.example',
  'a.portal.nordhafen.example',
  'pоrtal.nordhafen.example',
  'portal.nordhafen.example:8443',
  'portal.nordhafen.example:80',
  'portal.nordhafen.example:22',
  'portal.nordhafen.example%2eevil.example',
  'portal.nordhafen.example%00.evil.example',
  'metadata.google.internal',
  'instance-data',
  'kubernetes.default.svc',
  '127.0.0.1.nip.io',
];

/** Each makes an address of a host; what is left of the real one is bait. */
const FORMS: readonly ((host: string) => string)[] = [
  (host) => `https://${host}/rest/1/code/crm.item.list`,
  (host) => `http://${host}/latest/meta-data/`,
  (host) => `https://portal.nordhafen.example@${host}/`,
  (host) => `https://portal.nordhafen.example:443@${host}/`,
  (host) => `https://${host}#@portal.nordhafen.example/`,
  (host) => `https://${host}?@portal.nordhafen.example/`,
  (host) => `https://${host}\\@portal.nordhafen.example/`,
  (host) => `https:\\\\${host}\\x`,
  (host) => `https:////${host}/`,
  (host) => `\t https://${host}/\n`,
  (host) => `HTTPS://${host}:443/`,
];

const OTHER_SCHEMES = [
  'file:///etc/passwd',
  'gopher://127.0.0.1:6379/_FLUSHALL',
  'ftp://portal.nordhafen.example/',
  'data:text/plain,x',
  'javascript:alert(1)',
  'blob:https://portal.nordhafen.example/1',
  'ws://portal.nordhafen.example/',
  'dict://127.0.0.1:11211/',
  'unix:/var/run/docker.sock',
  'https://user:pass@portal.nordhafen.example/',
  'https://portal.nordhafen.example@/',
  '//evil.example/',
  'evil.example',
  '',
  'https://',
  'https://%',
];

function setUp(options: Partial<TransportOptions> = {}) {
  const sent: string[] = [];
  const adapter: AxiosAdapter = async (config) => {
    sent.push(config.url ?? '');
    return { status: 200, statusText: '', headers: {}, data: Buffer.from('{}'), config, request: {} };
  };
  const base = { clock: systemClock, log: silentLog, origin: ORIGIN, userAgent: 'x', adapter };
  return { sent, transport: createTransport({ ...base, ...options }) };
}

const servers: (() => void)[] = [];
afterEach(() => {
  for (const close of servers.splice(0)) close();
});

/** A server on loopback that counts who comes. */
async function listener(): Promise<{ port: number; seen: () => number }> {
  let seen = 0;
  const server = createServer((_request, response) => {
    seen += 1;
    response.end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  servers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, seen: () => seen };
}

/** Answers the given addresses one after another, as a resolver in somebody else's hands does. */
function resolverOf(...answers: (readonly string[])[]): LookupFunction {
  let asked = 0;
  return (_host, _options, callback) => {
    const addresses = answers[Math.min(asked, answers.length - 1)] ?? [];
    asked += 1;
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
  };
}

function lookUp(lookup: LookupFunction, host: string): Promise<string> {
  return new Promise((resolve) => {
    lookup(host, { all: true }, (error, found) => {
      resolve(error ? 'refused' : (found as { address: string }[]).map(({ address }) => address).join(' '));
    });
  });
}

describe('an address from an answer, a payload or a redirect', () => {
  it('is never asked unless it is within the connection', async () => {
    const began = performance.now();
    const hosts = [...METADATA, ...INSIDE, ...STRANGERS];
    const corpus = [...hosts.flatMap((host) => FORMS.map((form) => form(host))), ...OTHER_SCHEMES];
    expect(corpus.length).toBeGreaterThan(500);
    const { sent, transport } = setUp();
    for (const url of corpus) {
      const settled = await transport.send({ method: 'GET', url }).then(
        () => null,
        (error: unknown) => error,
      );
      expect(settled, url).toBeInstanceOf(Error);
      // A message is shown to people: it never repeats what may be a credential.
      expect(String(settled)).not.toContain('user:pass');
    }
    expect(sent).toEqual([]);
    reportGoal(
      { goal: 'T5', what: 'SSRF addresses', file: import.meta.url, reached: (cases) => `0 of ${cases} asked` },
      { cases: corpus.length, ms: performance.now() - began, reached: null },
    );
  });

  it('stays within it when it is a path', async () => {
    const paths = [
      '@evil.example/',
      '.evil.example/',
      ':8443/',
      '//evil.example/',
      '/\\evil.example',
      '/..//evil.example',
    ]
      .concat([
        '\\\\evil.example',
        '/%2f%2fevil.example',
        '?@evil.example',
        '#@evil.example',
        '/a\r\nHost: evil.example',
      ])
      .concat(['/a b', '/\u0000', '/@evil.example', ' /x', '//user:pass@evil.example']);
    for (const path of paths) {
      const { sent, transport } = setUp();
      await transport.send({ method: 'GET', path }).catch(() => {});
      for (const url of sent) {
        expect(new URL(url).origin, path).toBe(ORIGIN);
        expect(url, path).not.toMatch(/[\r\n\0 ]/);
      }
    }
  });
});

describe('the address of a connection', () => {
  it.each(METADATA)('is not %s', (host) => {
    for (const scheme of ['http', 'https']) {
      const origin = `${scheme}://${host}`;
      expect(() => setUp({ origin, allowInsecureHttp: true })).toThrow(SyncError);
    }
  });

  it('may be in a private network, where its admin wrote it so', () => {
    for (const host of INSIDE) expect(() => setUp({ origin: `https://${host}` })).not.toThrow();
  });

  it('is https, unless the connection says otherwise', () => {
    const jira = { type: 'jira', url: 'http://jira.example', auth: { email: 'a@b.example', token: 't' } };
    const portal = { type: 'bitrix24', url: 'http://p.example', auth: { webhook: 'http://p.example/rest/1/abcdef/' } };
    for (const [name, options] of [
      ['jira', jira],
      ['bitrix24', portal],
    ] as const) {
      expect(connectorTypes[name].options.safeParse(options).success).toBe(false);
      expect(connectorTypes[name].options.safeParse({ ...options, 'insecure-http': true }).success).toBe(true);
    }
  });
});

describe('a name that is looked up', () => {
  const lookup = (...answers: (readonly string[])[]) => createGuardedLookup(resolverOf(...answers));

  it('never leads to a link-local or metadata address, also among good ones', async () => {
    const plain = METADATA.map((host) => new URL(`http://${host}`).hostname.replace(/[[\]]/g, ''));
    for (const address of plain) {
      expect(kindOfAddress(address), address).toBe('forbidden');
      expect(await lookUp(lookup([address]), 'portal.example')).toBe('refused');
      expect(await lookUp(lookup(['203.0.113.7', address]), 'portal.example')).toBe('refused');
    }
    expect(kindOfAddress('fe80::1%eth0')).toBe('forbidden');
    expect(kindOfAddress('not an address')).toBe('forbidden');
  });

  it('does not move into a private network later', async () => {
    const inside = INSIDE.filter((host) => /^[\d[]/.test(host));
    for (const host of inside) {
      const address = new URL(`http://${host}`).hostname.replace(/[[\]]/g, '');
      const rebound = lookup(['203.0.113.7'], [address], ['203.0.113.7', address], ['203.0.113.7']);
      expect(await lookUp(rebound, 'portal.example')).toBe('203.0.113.7');
      expect(await lookUp(rebound, 'portal.example')).toBe('refused');
      expect(await lookUp(rebound, 'portal.example')).toBe('refused');
      expect(await lookUp(rebound, 'portal.example')).toBe('203.0.113.7');
    }
  });

  it('may live in one from the start', async () => {
    const home = lookup(['10.1.2.3'], ['10.1.2.4', 'fd12::1'], ['169.254.169.254']);
    expect(await lookUp(home, 'jira.corp')).toBe('10.1.2.3');
    expect(await lookUp(home, 'jira.corp')).toBe('10.1.2.4 fd12::1');
    expect(await lookUp(home, 'jira.corp')).toBe('refused');
  });

  it('answers one address where one is asked for, and passes failures on', async () => {
    const one = await new Promise((resolve) => {
      lookup(['203.0.113.7', '203.0.113.8'])('p.example', {}, (_error, address, family) => resolve([address, family]));
    });
    expect(one).toEqual(['203.0.113.7', 4]);
    const failing: LookupFunction = (_host, _options, callback) => callback(new Error('ENOTFOUND'), '', 0);
    expect(await lookUp(createGuardedLookup(failing), 'p.example')).toBe('refused');
    expect(await lookUp(lookup([]), 'p.example')).toBe('refused');
  });

  it('opens no socket when it was rebound to this very machine', async () => {
    const { port, seen } = await listener();
    const open = (lookup: LookupFunction) =>
      createTransport({
        clock: systemClock,
        log: silentLog,
        origin: `http://portal.example:${port}`,
        allowInsecureHttp: true,
        userAgent: 'x',
        timeoutMs: 300,
        lookup,
      });
    const rebound = open(resolverOf(['203.0.113.7'], ['127.0.0.1']));
    for (let request = 0; request < 3; request += 1) {
      const failure = await rebound.send({ method: 'POST', path: '/' }).catch((error: unknown) => error);
      expect(failure).toMatchObject({ name: 'UnavailableError', ...(request > 0 ? { ambiguous: false } : {}) });
    }
    expect(seen()).toBe(0);
    rebound.close();
    const home = open(resolverOf(['127.0.0.1']));
    expect((await home.send({ method: 'GET', path: '/' })).status).toBe(200);
    expect(seen()).toBe(1);
    home.close();
  });
});
