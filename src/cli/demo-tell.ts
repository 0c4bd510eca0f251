// What the demo says at its end, and while it goes on.
import type { Daemon } from '../daemon.ts';
import type { RunningSandbox } from '../sandbox/index.ts';
import type { Report } from '../sync/report.ts';
import { print, styled } from './output.ts';
import { reportLines } from './show-report.ts';

type Say = (line?: string) => void;

export function tellResult(
  result: { pairs: number; elapsedMs: number; changesShown: number; requests: { jira: number; crm: number } },
  differences: readonly string[],
): void {
  const { pairs, elapsedMs, requests } = result;
  print(
    `${pairs} pairs, compared field by field in the sandboxes themselves, ${(elapsedMs / 1000).toFixed(1)} s after the start;`,
  );
  print(`${requests.jira} requests to Jira and ${requests.crm} to Bitrix24 in all.`);
  if (differences.length === 0) print(styled('green', 'Both sides agree.'));
  else {
    print(styled('red', `Both sides differ in ${differences.length} places:`));
    for (const difference of differences.slice(0, 10)) print(`  ${difference}`);
  }
}

export function tellHowToGoOn(sandbox: RunningSandbox, daemon: Daemon, say: Say): void {
  const { jira, bitrix24, control } = sandbox.ready;
  say('\nIt goes on until Ctrl-C. Change something yourself and watch it arrive here, for example:\n');
  const body = '{"op":"update","user":"Anna Weber","in":"deal","id":"7001","fields":{"Сумма":777000}}';
  say(`  curl -X POST ${bitrix24.url}/__sandbox/edit -H 'Authorization: Bearer ${control.token}' -d '${body}'\n`);
  say(`  Jira      ${jira.url}   user ${jira.email}, token ${jira.token}`);
  say(`  Bitrix24  ${bitrix24.webhook}`);
  say(`  Daemon    ${daemon.adminUrl}/status  /metrics  /readyz\n`);
}

export function tellReport(report: Report, say: Say): void {
  if (['echo', 'unchanged', 'in-step'].includes(report.outcome)) return;
  for (const line of reportLines(report)) if (!line.includes(' in-step')) say(line);
}
