// Which addresses a connection may reach. A name is looked up anew for every socket, so it is judged by what it means
// at that moment, not by how it is spelled.
import { lookup as systemLookup } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

export type AddressKind = 'public' | 'private' | 'forbidden';

function listOf(v4: readonly string[], v6: readonly string[]): BlockList {
  const list = new BlockList();
  for (const [subnets, family] of [
    [v4, 'ipv4'],
    [v6, 'ipv6'],
  ] as const) {
    for (const subnet of subnets) {
      const [net = '', bits = ''] = subnet.split('/');
      list.addSubnet(net, Number(bits), family);
    }
  }
  return list;
}

/** Link-local, the clouds' metadata services, multicast, "this network": no product ever lives there. */
const FORBIDDEN = listOf(
  ['0.0.0.0/8', '169.254.0.0/16', '100.100.100.200/32', '168.63.129.16/32', '192.0.0.0/24', '224.0.0.0/3'],
  ['::/128', 'fe80::/10', 'fec0::/10', 'ff00::/8', 'fd00:ec2::/32', 'fd20:ce::/32'],
);

/** Jira Data Center and boxed portals live in such networks. */
const PRIVATE = listOf(
  ['10.0.0.0/8', '127.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', '198.18.0.0/15'],
  ['::1/128', 'fc00::/7'],
);

/** An IPv4 address in one of the clothes that IPv6 has for it: mapped, compatible, NAT64, 6to4. */
function innerAddress(groups: readonly number[]): string | null {
  const at = (index: number) => groups[index] ?? 0;
  const spelled = (high: number, low: number) => [high >> 8, high & 255, low >> 8, low & 255].join('.');
  const zeros = (count: number) => groups.slice(0, count).every((group) => group === 0);
  if (zeros(5) && at(5) === 0xffff) return spelled(at(6), at(7));
  if (zeros(4) && at(4) === 0xffff && at(5) === 0) return spelled(at(6), at(7));
  if (zeros(6) && at(6) !== 0) return spelled(at(6), at(7));
  // Both the well-known prefix and the one for local use of RFC 8215.
  if (at(0) === 0x64 && at(1) === 0xff9b) return spelled(at(6), at(7));
  if (at(0) === 0x2002) return spelled(at(1), at(2));
  return null;
}

/** The eight groups of a valid IPv6 address; the URL parser has written it in its one short form by then. */
function groupsOf(address: string): number[] {
  const plain = new URL(`http://[${address.split('%')[0]}]`).hostname.slice(1, -1);
  const [head = '', tail] = plain.split('::');
  const parts = (text: string) => (text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16)));
  const [front, back] = [parts(head), parts(tail ?? '')];
  return [...front, ...Array<number>(8 - front.length - back.length).fill(0), ...back];
}

/** Of an IP address as text. */
export function kindOfAddress(address: string): AddressKind {
  const plain = address.split('%')[0] ?? '';
  const version = isIP(plain);
  // What is no address cannot be judged, so it is not reached.
  if (version === 0) return 'forbidden';
  const family = version === 6 ? 'ipv6' : 'ipv4';
  const inner = version === 6 ? innerAddress(groupsOf(plain)) : null;
  if (FORBIDDEN.check(plain, family)) return 'forbidden';
  if (inner !== null) return kindOfAddress(inner);
  return PRIVATE.check(plain, family) ? 'private' : 'public';
}

/** Of the host of an address as `URL` writes it; null for a name, which says nothing until it is looked up. */
export function kindOfHost(hostname: string): AddressKind | null {
  const literal = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
  return isIP(literal) === 0 ? null : kindOfAddress(literal);
}

/** Stands in errors that end a socket before it is opened. */
export const REFUSED_ADDRESS = 'ERR_ADDRESS_REFUSED';

/**
 * Looks names up for sockets. What a name first leads to says where its product lives: a public name that later leads
 * into a private network has been rebound, and nothing is sent there. Forbidden addresses are refused at any time.
 */
export function createGuardedLookup(lookup: LookupFunction = systemLookup as LookupFunction): LookupFunction {
  const homes = new Map<string, AddressKind>();

  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error) return callback(error, '', 0);
      const addresses = Array.isArray(found) ? found : [{ address: String(found), family: isIP(String(found)) }];
      const kinds = addresses.map(({ address }) => kindOfAddress(address));
      const home = homes.get(hostname) ?? (kinds.includes('public') ? 'public' : 'private');
      const wrong = kinds.findIndex((kind) => kind === 'forbidden' || (kind === 'private' && home === 'public'));
      const [first] = addresses;
      if (wrong >= 0 || first === undefined) {
        const where = addresses[wrong]?.address ?? 'no address';
        const refusal = new Error(`${hostname} leads to ${where}, where this connection may not go`);
        return callback(Object.assign(refusal, { code: REFUSED_ADDRESS }), '', 0);
      }
      homes.set(hostname, home);
      if (options.all) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}
