import { describe, expect, it } from 'vitest';
import { createPortal, DEAL } from '../../support/bitrix-portal.ts';

const HOOK = 'https://sync.example/hook';

function watched(settings: object = {}) {
  const made = createPortal();
  made.portal.configure({ webhooks: { url: HOOK }, ...settings });
  const rename = (id: number, title: string) =>
    made.call('crm.item.update', { entityTypeId: 2, id, fields: { title } });
  const names = () => made.events().map((event) => `${event.event} ${event['data[FIELDS][ID]']}`);
  return { ...made, rename, names };
}

describe('outgoing webhooks of the sandbox portal', () => {
  it('carry the id only, in the form that Bitrix24 sends, 50 ms after the save', async () => {
    const { clock, portal, rename, sent } = watched();
    await rename(DEAL, 'Новая');
    await clock.advance(49);
    expect(sent).toEqual([]);
    await clock.advance(1);
    const { memberId, applicationToken } = portal.credentials;
    expect(sent).toEqual([
      {
        url: HOOK,
        headers: { 'content-type': 'application/x-www-form-urlencoded', 'user-agent': 'Bitrix24 Webhook Engine' },
        body:
          'event=ONCRMDEALUPDATE&event_handler_id=33&data%5BFIELDS%5D%5BID%5D=7001&ts=1794986100' +
          '&auth%5Bdomain%5D=nordhafen.bitrix24.example' +
          '&auth%5Bclient_endpoint%5D=https%3A%2F%2Fnordhafen.bitrix24.example%2Frest%2F' +
          '&auth%5Bserver_endpoint%5D=https%3A%2F%2Foauth.bitrix24.tech%2Frest%2F' +
          `&auth%5Bmember_id%5D=${memberId}&auth%5Bapplication_token%5D=${applicationToken}`,
      },
    ]);
  });

  it('are never sent again, though the receiver answered 500', async () => {
    const { clock, rename, sent } = watched();
    await rename(DEAL, 'Новая');
    await clock.advance(24 * 3_600_000);
    expect(sent).toHaveLength(1);
  });

  it('tell of every kind of record and change, by REST and by people', async () => {
    const { call, clock, names, portal } = watched();
    await call('crm.item.add', { entityTypeId: 1, fields: { title: 'Звонок' } });
    await call('crm.item.update', { entityTypeId: 3, id: 1, fields: { post: 'Директор' } });
    await call('crm.item.delete', { entityTypeId: 4, id: 2 });
    portal.edit({ op: 'update', in: 'deal', id: '7002', fields: { title: 'x' } });
    await clock.runUntilIdle();
    expect(names()).toEqual(['ONCRMLEADADD 4', 'ONCRMCONTACTUPDATE 1', 'ONCRMCOMPANYDELETE 2', 'ONCRMDEALUPDATE 7002']);
  });

  it('are silent about a move to another pipeline', async () => {
    const { call, clock, names } = watched();
    await call('crm.item.update', { entityTypeId: 2, id: DEAL, fields: { categoryId: 0 } });
    await clock.runUntilIdle();
    expect(names()).toEqual([]);
  });

  it('tell of comments in one of two forms', async () => {
    const { call, clock, events, portal } = watched();
    const fields = { ENTITY_ID: DEAL, ENTITY_TYPE: 'deal', COMMENT: 'Согласовано' };
    const add = () => call('crm.timeline.comment.add', { fields });
    await add();
    await clock.runUntilIdle();
    portal.configure({ variants: { 'timeline-event-payload': 'B' } });
    await add();
    await clock.runUntilIdle();
    expect(events()).toMatchObject([
      { event: 'ONCRMTIMELINECOMMENTADD', 'data[FIELDS][ID]': '5101' },
      { event: 'onCrmTimelineCommentAdd', 'data[ID]': '5102' },
    ]);
  });

  it('reach each webhook that wants the event, with its own token', async () => {
    const { clock, rename, sent } = watched({
      webhooks: [
        { url: 'https://a.example/', applicationToken: 'token-a' },
        { url: 'https://b.example/', events: ['ONCRMLEADADD'] },
        { url: 'https://c.example/', events: ['OnCrmDealUpdate'] },
      ],
    });
    await rename(DEAL, 'Новая');
    await clock.runUntilIdle();
    expect(sent.map((webhook) => webhook.url)).toEqual(['https://a.example/', 'https://c.example/']);
    expect(sent[0]?.body).toContain('application_token%5D=token-a');
  });

  it('can be lost, doubled, delayed and held back', async () => {
    const { clock, names, portal, rename, sent } = watched({ webhookMode: 'lost' });
    await rename(DEAL, 'a');
    await clock.runUntilIdle();
    expect(sent).toEqual([]);
    portal.configure({ webhookMode: 'doubled' });
    await rename(DEAL, 'b');
    await clock.runUntilIdle();
    expect(names()).toEqual(['ONCRMDEALUPDATE 7001', 'ONCRMDEALUPDATE 7001']);
    portal.configure({ webhookMode: 'paused', slowEvents: { ONCRMDEALUPDATE: 10_000 } });
    await rename(7002, 'c');
    await clock.runUntilIdle();
    expect(sent).toHaveLength(2);
    portal.configure({ webhookMode: 'normal' });
    expect(names().at(-1)).toBe('ONCRMDEALUPDATE 7002');
    await rename(7003, 'd');
    await clock.advance(9_000);
    expect(sent).toHaveLength(3);
    await clock.advance(2_000);
    expect(sent).toHaveLength(4);
  });

  it('come five times and out of order, the same for the same seed', async () => {
    const run = async () => {
      const { clock, names, rename } = watched({ webhookMode: { copies: 5, shuffled: true } });
      for (const id of [7001, 7002, 7003]) await rename(id, 'x');
      await clock.runUntilIdle();
      return names();
    };
    const first = await run();
    expect(first).toHaveLength(15);
    expect(first).not.toEqual([...first].sort());
    expect(await run()).toEqual(first);
  });

  it('stop when the portal closes', async () => {
    const { clock, portal, rename, sent } = watched();
    await rename(DEAL, 'x');
    portal.close();
    await clock.runUntilIdle();
    expect(sent).toEqual([]);
  });

  it('pass by changes of contacts in the other variant', async () => {
    const { call, clock, item, portal, sent } = watched();
    const before = (await item(2, DEAL)).updatedTime;
    const link = (contactIds: number[]) =>
      call('crm.item.update', { entityTypeId: 2, id: DEAL, fields: { contactIds } });
    portal.configure({ variants: { 'event-on-contacts-fm': 'B' } });
    expect((await link([1])).body.result.item).toMatchObject({ contactIds: [1], updatedTime: before });
    await clock.runUntilIdle();
    expect(sent).toEqual([]);
    portal.configure({ variants: null });
    await link([2]);
    await clock.runUntilIdle();
    expect(sent).toHaveLength(1);
  });
});

describe('robots of the sandbox portal', () => {
  it('set a field after a change, not in what the call answers', async () => {
    const robots = [{ on: 'Сумма', set: { Примечание: 'проверено роботом' } }];
    const { call, clock, item, names } = watched({ robots });
    const fields = { opportunity: 5 };
    const { body } = await call('crm.item.update', { entityTypeId: 2, id: DEAL, fields });
    expect(body.result.item.ufCrm_1747309878).toBeNull();
    await clock.runUntilIdle();
    const after = await item(2, DEAL);
    expect([after.ufCrm_1747309878, after.updatedBy, after.opportunity]).toEqual(['проверено роботом', 1, 5]);
    expect(names()).toHaveLength(2);
  });

  it('rewrite a value once per change by somebody else', async () => {
    const robots = [{ on: 'title', rewrite: { field: 'title', suffix: ' [Р]' }, afterMs: 1_000 }];
    const { clock, item, rename } = watched({ robots });
    await rename(DEAL, 'Насосы');
    await clock.runUntilIdle();
    expect((await item(2, DEAL)).title).toBe('Насосы [Р]');
    await rename(DEAL, 'Насосы');
    await clock.runUntilIdle();
    expect((await item(2, DEAL)).title).toBe('Насосы [Р]');
  });
});
