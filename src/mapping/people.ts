// Who is who on the other side. A wrong person is worse than none: whatever is not certain has no translation.
import { MappingError } from '../errors.ts';
import type { Person, Side } from '../model.ts';
import { otherSide } from '../model.ts';

export type PeopleTable = {
  /** Throws MappingError when there is neither a match nor a fallback. */
  readonly translate: (id: string, from: Side) => string;
  readonly show: (id: string, side: Side) => string;
  /** Ids or e-mails of the configuration that name nobody, or more than one person, on that side. */
  readonly unknown: readonly { readonly side: Side; readonly name: string }[];
  /** Equal for equal people and configuration; part of a profile's version. */
  readonly fingerprint: string;
};

/** Pairs and fallbacks are named by id or e-mail. */
export type PeopleConfig = {
  readonly map: readonly { readonly jira: string; readonly crm: string }[];
  readonly fallback: { readonly jira?: string; readonly crm?: string };
};

export function createPeopleTable(jira: readonly Person[], crm: readonly Person[], config: PeopleConfig): PeopleTable {
  const directories = { jira: createDirectory(jira), crm: createDirectory(crm) };
  const unknown: { side: Side; name: string }[] = [];
  const named = (side: Side, name: string): Person | null => {
    const person = directories[side].named(name);
    if (person === null) unknown.push({ side, name });
    return person;
  };

  const mapped: Record<Side, Map<string, Person>> = { jira: new Map(), crm: new Map() };
  for (const row of config.map) {
    const left = named('jira', row.jira);
    const right = named('crm', row.crm);
    if (left === null || right === null) continue;
    if (!mapped.jira.has(left.id)) mapped.jira.set(left.id, right);
    if (!mapped.crm.has(right.id)) mapped.crm.set(right.id, left);
  }
  const fallback: Record<Side, Person | null> = {
    jira: config.fallback.jira === undefined ? null : named('jira', config.fallback.jira),
    crm: config.fallback.crm === undefined ? null : named('crm', config.fallback.crm),
  };

  const match = (id: string, from: Side): Person | null => {
    const explicit = mapped[from].get(id);
    if (explicit !== undefined) return explicit.active ? explicit : null;
    const person = directories[from].byId.get(id);
    if (!person?.active || person.email === null) return null;
    const target = otherSide(from);
    // Unique on both sides, and nobody whom the configuration gave to somebody else.
    if (directories[from].active(person.email) === null) return null;
    const partner = directories[target].active(person.email);
    return partner === null || mapped[target].has(partner.id) ? null : partner;
  };

  const show = (id: string, side: Side) => directories[side].byId.get(id)?.name ?? id;

  return {
    translate(id, from) {
      const target = otherSide(from);
      const partner = match(id, from);
      if (partner !== null) return partner.id;
      const substitute = fallback[target];
      if (substitute?.active) return substitute.id;
      throw new MappingError(
        `${show(id, from)} (${from === 'jira' ? 'Jira' : 'CRM'} user ${id}) matches no active person on the ${from === 'jira' ? 'CRM' : 'Jira'} side`,
        'Add the pair under `users: map:` in the configuration, or name somebody under `users: fallback:`.',
        id,
      );
    },
    show,
    unknown,
    fingerprint: JSON.stringify([sorted(jira), sorted(crm), config]),
  };
}

function createDirectory(people: readonly Person[]) {
  const byId = new Map(people.map((person) => [person.id, person]));
  const byEmail = new Map<string, Person[]>();
  for (const person of people) {
    if (person.email === null) continue;
    const email = person.email.trim().toLowerCase();
    byEmail.set(email, [...(byEmail.get(email) ?? []), person]);
  }
  const only = (found: readonly Person[]): Person | null => (found.length === 1 ? (found[0] ?? null) : null);
  const withEmail = (email: string) => byEmail.get(email.trim().toLowerCase()) ?? [];
  return {
    byId,
    /** The only active person with that e-mail. */
    active: (email: string) => only(withEmail(email).filter((person) => person.active)),
    /** As a configuration names them: active people first. */
    named(name: string): Person | null {
      const found = withEmail(name);
      return byId.get(name) ?? only(found.filter((person) => person.active)) ?? only(found);
    },
  };
}

/** Vendors list people in any order. */
function sorted(people: readonly Person[]): readonly Person[] {
  return [...people].sort((a, b) => (a.id < b.id ? -1 : 1));
}
