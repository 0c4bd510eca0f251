// A daemon between a sandbox Jira and a sandbox Bitrix24, each a process, whose first match pass is over; and the people who
// look at its records there.
import { createPlayground, until } from './real-processes.ts';
import { createControl } from './sandbox-control.ts';

type Status = { profiles: { matched: boolean; counts: { dirty: { live: number; bulk: number } } }[] };

/** So many pairs. `close` it, also when the start failed: the playground is there at once. */
export function createSettledOffice(pairs: number) {
  const playground = createPlayground();

  async function open() {
    const ready = await playground.sandbox(pairs, pairs);
    const control = createControl(ready);
    const env = playground.configure(ready);
    const daemon = await playground.daemon(env);
    await control.sendWebhooksTo(daemon.webhooks);
    await until('both sides are in step', async () => {
      const { profiles } = (await (await fetch(`${daemon.admin}/status`)).json()) as Status;
      return profiles[0]?.matched === true && profiles[0].counts.dirty.live + profiles[0].counts.dirty.bulk === 0;
    });
    const issue = async (key: string) => (await control.issues()).find((one) => one.key === key);
    return {
      control,
      issue,
      /** A command of the daemon's own package. */
      run: (...args: readonly string[]) => playground.run(env, ...args),
      dealOf: async (key: string) => String((await issue(key))?.fields.customfield_10033),
      titleOf: async (deal: string) => (await control.deals()).find((one) => String(one.id) === deal)?.title,
      rename: (key: string, summary: string) =>
        control.edit('jira', { op: 'update', user: 'Oleg Petrov', in: 'BUY', id: key, fields: { summary } }),
      retitle: (deal: string, title: string) =>
        control.edit('crm', { op: 'update', user: 'Anna Weber', in: 'deal', id: deal, fields: { title } }),
    };
  }

  return { open, close: playground.close };
}

export type SettledOffice = Awaited<ReturnType<ReturnType<typeof createSettledOffice>['open']>>;
