// Conditions of profiles beside a second meaning of each, written down without the compiler: what the text says about a
// record in the words of this file has to be what the compiled condition answers.
import type { Fields, Money, Value } from '../../src/model.ts';
import type { Random } from '../../src/ports.ts';
import type { ExpressionContext } from '../../src/profiles/profile.ts';
import { below, maybe, pick } from '../support/hostile.ts';

export type Meant = { readonly source: string; readonly holds: (context: ExpressionContext) => boolean };

const DAY_MS = 86_400_000;
/** Seen from UTC, which is the zone of these conditions. */
export const NOW = Date.parse('2026-03-10T22:30:00Z');
const TITLES = ['Pump', 'Pump 7', 'Насос', 'a"b', ''] as const;
const DAYS = ['2025-12-31', '2026-03-09', '2026-03-10', '2026-03-11', '2028-02-29'] as const;
const MOMENTS = ['2026-03-09T22:30:00.000Z', '2026-03-10T22:30:00.000Z', '2026-03-10T22:30:00.001Z'] as const;
const AMOUNTS = ['-1', '0', '0.5', '99.99', '100', '250000'] as const;
const TAGS = ['urgent', 'big deal', 'я'] as const;
const STAGES = { 'C9:NEW': 'Черновик', 'C9:EXECUTING': 'В работе', 'C9:WON': 'Выиграна' } as const;
const COUNTRIES = { 91: 'Германия', 92: 'Россия', 93: 'Казахстан' } as const;

const orEmpty = <T extends Value>(chance: Random, make: () => T): T | null => (maybe(chance, 0.25) ? null : make());

function someOf(chance: Random, members: readonly string[]): readonly string[] | null {
  const chosen = members.filter(() => maybe(chance, 0.5));
  return chosen.length === 0 ? null : [...chosen].sort();
}

/** The fields that these conditions are about, as canonical values; an empty text is null. */
export function anyDeal(chance: Random): Fields {
  return {
    title: orEmpty(chance, () => pick(chance, TITLES)) || null,
    stageId: orEmpty(chance, () => pick(chance, Object.keys(STAGES))),
    opportunity: orEmpty(chance, (): Money => ({ amount: pick(chance, AMOUNTS), currency: 'RUB' })),
    probability: orEmpty(chance, () => pick(chance, AMOUNTS)),
    closedate: orEmpty(chance, () => pick(chance, DAYS)),
    ufCrm_1747309872: someOf(chance, TAGS),
    ufCrm_1747309875: orEmpty(chance, () => maybe(chance, 0.5)),
    ufCrm_1747309876: orEmpty(chance, () => pick(chance, MOMENTS)),
    ufCrm_1747309877: someOf(chance, Object.keys(COUNTRIES)),
  };
}

export function anyIssue(chance: Random): Fields {
  return {
    summary: orEmpty(chance, () => pick(chance, TITLES)) || null,
    duedate: orEmpty(chance, () => pick(chance, DAYS)),
  };
}

const ORDERS: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
};

const text = (value: string) => JSON.stringify(value);
const crm = ({ crm: fields }: ExpressionContext, id: string): Value => fields?.[id] ?? null;
const jira = ({ jira: fields }: ExpressionContext, id: string): Value => fields?.[id] ?? null;

function aboutText(chance: Random): Meant {
  const wanted = pick(chance, TITLES);
  const [name, read] = pick(chance, [
    ['crm.title', (context: ExpressionContext) => crm(context, 'title')],
    ['jira.summary', (context: ExpressionContext) => jira(context, 'summary')],
  ] as const);
  const [method, holds] = pick(chance, [
    ['contains', (one: string) => one.includes(wanted)],
    ['startsWith', (one: string) => one.startsWith(wanted)],
    ['endsWith', (one: string) => one.endsWith(wanted)],
  ] as const);
  return pick<Meant>(chance, [
    { source: `${name} == ${text(wanted)}`, holds: (context) => read(context) === wanted },
    { source: `${name} != ${text(wanted)}`, holds: (context) => read(context) !== wanted },
    { source: `${name} == null`, holds: (context) => read(context) === null },
    {
      source: `${name} != null && ${name}.${method}(${text(wanted)})`,
      holds: (context) => read(context) !== null && holds(read(context) as string),
    },
    {
      source: `${name} == null || size(${name}) > 4`,
      holds: (context) => read(context) === null || (read(context) as string).length > 4,
    },
  ]);
}

function aboutNumber(chance: Random): Meant {
  const limit = pick(chance, AMOUNTS);
  const [sign, compare] = pick(chance, Object.entries(ORDERS));
  const field = pick(chance, ['opportunity', 'probability']);
  const read = (context: ExpressionContext): number | null => {
    const value = crm(context, field) as Money | string | null;
    if (value === null) return null;
    return Number(typeof value === 'string' ? value : value.amount);
  };
  const factor = pick(chance, [1, 2, -3]);
  return {
    source: `crm.${field} != null && crm.${field} * ${factor} ${sign} ${limit}`,
    holds: (context) => {
      const number = read(context);
      return number !== null && compare(number * factor, Number(limit));
    },
  };
}

function aboutTime(chance: Random): Meant {
  const [sign, compare] = pick(chance, Object.entries(ORDERS));
  const away = below(chance, 5) - 2;
  const today = Math.floor(NOW / DAY_MS);
  const day = (value: Value) => Date.parse(`${value}T00:00:00Z`) / DAY_MS;
  const date = pick(chance, DAYS);
  const dated = (source: string, name: string, read: (context: ExpressionContext) => Value, limit: number): Meant => ({
    source: `${name} != null && ${name} ${sign} ${source}`,
    holds: (context) => read(context) !== null && compare(day(read(context)), limit),
  });
  const stamp = 'crm["Согласовано"]';
  return pick<Meant>(chance, [
    dated(`today + days(${away})`, 'crm.closedate', (context) => crm(context, 'closedate'), today + away),
    dated(`"${date}"`, 'jira.duedate', (context) => jira(context, 'duedate'), day(date)),
    {
      source: `${stamp} != null && ${stamp} ${sign} now`,
      holds: (context) => {
        const value = crm(context, 'ufCrm_1747309876') as string | null;
        return value !== null && compare(Date.parse(value), NOW);
      },
    },
  ]);
}

function aboutChoice(chance: Random): Meant {
  const labels = Object.values(STAGES).filter(() => maybe(chance, 0.6));
  const label = pick(chance, Object.values(STAGES));
  const shown = (context: ExpressionContext) => {
    const id = crm(context, 'stageId') as keyof typeof STAGES | null;
    return id === null ? null : STAGES[id];
  };
  const urgent = (context: ExpressionContext) => crm(context, 'ufCrm_1747309875');
  return pick<Meant>(chance, [
    { source: `crm.stage == ${text(label)}`, holds: (context) => shown(context) === label },
    { source: `crm.stage != ${text(label)}`, holds: (context) => shown(context) !== label },
    {
      source: `crm.stage in [${labels.map(text).join(', ')}]`,
      holds: (context) => labels.some((one) => one === shown(context)),
    },
    { source: 'crm["Срочно"] == true', holds: (context) => urgent(context) === true },
    { source: 'crm["Срочно"] != false', holds: (context) => urgent(context) !== false },
  ]);
}

function aboutSet(chance: Random): Meant {
  const tag = pick(chance, TAGS);
  const country = pick(chance, Object.entries(COUNTRIES));
  const members = (context: ExpressionContext, id: string) => (crm(context, id) ?? []) as readonly string[];
  const tags = (context: ExpressionContext) => members(context, 'ufCrm_1747309872');
  const countries = (context: ExpressionContext) => members(context, 'ufCrm_1747309877');
  return pick<Meant>(chance, [
    { source: `${text(tag)} in crm["Метки"]`, holds: (context) => tags(context).includes(tag) },
    { source: `${text(country[1])} in crm["Страны"]`, holds: (context) => countries(context).includes(country[0]) },
    { source: `crm["Метки"].exists(x, x != ${text(tag)})`, holds: (context) => tags(context).some((x) => x !== tag) },
    { source: `crm["Метки"].all(x, x == ${text(tag)})`, holds: (context) => tags(context).every((x) => x === tag) },
    { source: 'size(crm["Страны"]) >= 2', holds: (context) => countries(context).length >= 2 },
  ]);
}

function aboutChange(chance: Random): Meant {
  const old = (context: ExpressionContext) => context.old.crm?.title;
  return pick<Meant>(chance, [
    {
      source: 'changed(crm.title)',
      holds: (context) => old(context) === undefined || old(context) !== crm(context, 'title'),
    },
    { source: 'old.crm.title == crm.title', holds: (context) => (old(context) ?? null) === crm(context, 'title') },
    { source: 'crm == null', holds: (context) => context.crm === null },
    { source: 'jira != null', holds: (context) => context.jira !== null },
  ]);
}

const LEAVES = [aboutText, aboutNumber, aboutTime, aboutChoice, aboutSet, aboutChange];

/** Up to `depth` levels of and, or, not and questions over conditions about fields. */
export function anyCondition(chance: Random, depth: number): Meant {
  if (depth === 0 || maybe(chance, 0.2)) return pick(chance, LEAVES)(chance);
  const [one, other] = [anyCondition(chance, depth - 1), anyCondition(chance, depth - 1)];
  switch (below(chance, 4)) {
    case 0:
      return { source: `!(${one.source})`, holds: (context) => !one.holds(context) };
    case 1:
      return {
        source: `(${one.source}) && (${other.source})`,
        holds: (context) => one.holds(context) && other.holds(context),
      };
    case 2:
      return {
        source: `(${one.source}) || (${other.source})`,
        holds: (context) => one.holds(context) || other.holds(context),
      };
    default: {
      const third = anyCondition(chance, 0);
      return {
        source: `(${one.source}) ? (${other.source}) : (${third.source})`,
        holds: (context) => (one.holds(context) ? other.holds(context) : third.holds(context)),
      };
    }
  }
}
