// `check`: configuration, profiles (also one draft file), credentials, rights and the live schema, each finding with
// its cure; writes nothing.
import type { Connector } from '../connectors/connector.ts';
import { connectNote } from '../daemon/events.ts';
import { createLiveProfiles } from '../daemon/live-profiles.ts';
import { readProfile, readProfiles } from '../daemon/profile-files.ts';
import { buildConnectors } from '../daemon.ts';
import { type Problem, SyncError } from '../errors.ts';
import { openStore, stateIsThere } from '../state/open-store.ts';
import type { Store } from '../state/store.ts';
import { handlerAddress } from '../triggers/registrations.ts';
import { checkRights } from './check-rights.ts';
import { checkWebhooks, type Finding } from './check-webhooks.ts';
import { clean, EXIT, print, printJson, styled } from './output.ts';
import { type ConfigFlags, openSecrets, readSetup, type Setup } from './setup.ts';

/** More than this between a vendor's clock and ours shifts what `newest` decides. */
const SKEW_MS = 60_000;

export async function check(file: string | undefined, flags: ConfigFlags & { json?: boolean }): Promise<void> {
  const setup = readSetup(flags);
  const secrets = await openSecrets(setup);
  const connectors = buildConnectors(setup.config, setup.ports, secrets);
  try {
    const findings: Finding[] = setup.remarks.map((remark) => ({ level: 'warning', ...remark }));
    for (const [name, connector] of connectors) findings.push(...(await checkConnection(name, connector, setup)));
    findings.push(...(await checkQueue(setup)));
    const state = await checkState(setup);
    findings.push(...state.findings);
    const sources = file === undefined ? await readProfiles(setup.config, setup.configDir) : [readProfile(file)];
    if (sources.length === 0) {
      const cure = 'Put a profile there; config/examples has some to start from.';
      findings.push({ level: 'warning', what: `No profile matches ${setup.config.profiles}.`, cure });
    }
    const profiles = createLiveProfiles({ connectors, people: setup.config.users, log: setup.ports.log });
    const { problems, unreachable } = await profiles.load(sources);
    for (const profile of profiles.current().values()) {
      const what = `Profile ${profile.name} (${profile.file}) is valid: ${profile.fields.length} fields, version ${profile.version}.`;
      findings.push({ level: 'ok', what, cure: '' });
    }
    if (unreachable !== null) {
      findings.push({
        level: 'problem',
        what: `Profiles could not be compared with the live schema: ${unreachable.message}`,
        cure: unreachable.cure,
      });
    }
    findings.push(...(await checkRights(connectors, [...profiles.current().values()])));
    const publicUrl = setup.config.server.webhooks?.publicUrl ?? null;
    for (const [name, connector] of connectors) {
      if (publicUrl === null || state.notes[connectNote(name)] == null) continue;
      const handler = handlerAddress(publicUrl, name);
      findings.push(...(await checkWebhooks({ name, connector, handler, specs: profiles.specs(name) })));
    }
    if (flags.json) printJson({ findings, problems });
    else show(findings, problems);
    const broken = findings.some((finding) => finding.level === 'problem');
    process.exitCode = problems.length > 0 ? EXIT.config : broken ? EXIT.failed : EXIT.fine;
  } finally {
    for (const connector of connectors.values()) await connector.close();
    await secrets?.close();
  }
}

async function checkQueue({ config, ports }: Setup): Promise<Finding[]> {
  if (config.queue === null) return [];
  // Redis is loaded only where one is named.
  const { lookAtQueue } = await import('../daemon/queue.ts');
  const found = await lookAtQueue({ config, ...ports });
  if (found === null) return [];
  const { address, trouble, warnings } = found;
  if (trouble !== null) return [{ level: 'problem', what: `Queue ${address}: ${trouble.message}`, cure: trouble.cure }];
  const remarks = warnings.map(({ message, cure }) => ({ level: 'warning', what: `${message}.`, cure }) as const);
  return [{ level: 'ok', what: `Queue ${address} works.`, cure: '' }, ...remarks];
}

/** None yet before the first start. */
async function checkState({ config, workDir, ports }: Setup): Promise<StateSeen> {
  try {
    if (!(await stateIsThere(config.state, workDir))) return { findings: [], notes: {} };
    const store = await openStore(config.state, workDir, ports);
    try {
      return { findings: stateFindings(await store.faults()), notes: await store.notes() };
    } finally {
      await store.close();
    }
  } catch (error) {
    if (!(error instanceof SyncError)) throw error;
    return { findings: [{ level: 'problem', what: error.message, cure: error.cure }], notes: {} };
  }
}

type StateSeen = { readonly findings: readonly Finding[]; readonly notes: Awaited<ReturnType<Store['notes']>> };

function stateFindings(faults: readonly string[]): Finding[] {
  if (faults.length === 0) return [{ level: 'ok', what: 'The state makes sense.', cure: '' }];
  const cure =
    'Stop the daemon and restore the state from a backup; without one move it away: the pairs are found again.';
  return faults.map((fault) => ({ level: 'problem', what: `The state is damaged: ${fault}.`, cure }));
}

async function checkConnection(name: string, connector: Connector, setup: Setup): Promise<Finding[]> {
  try {
    const account = await connector.identify({ lane: 'live' });
    const skew = Math.abs(account.serverTime - setup.ports.clock.now());
    const zone = account.zone === null ? '' : `, time zone ${account.zone}`;
    const findings: Finding[] = [
      { level: 'ok', what: `Connection ${name} works as ${account.name} (${account.id})${zone}.`, cure: '' },
    ];
    for (const lack of account.missing) {
      findings.push({ level: 'problem', what: `Connection ${name}: ${lack.message}`, cure: lack.cure });
    }
    const { granted = [], unused = [], cure = '' } = account.scopes ?? {};
    if (granted.length > 0) {
      findings.push({ level: 'ok', what: `Connection ${name} may use: ${granted.join(', ')}.`, cure: '' });
    }
    if (unused.length > 0) {
      const what = `Connection ${name} has scopes that nothing here needs: ${unused.join(', ')}.`;
      findings.push({ level: 'warning', what, cure });
    }
    if (skew > SKEW_MS) {
      const what = `Connection ${name}: its clock and ours differ by ${Math.round(skew / 1000)} s.`;
      findings.push({ level: 'warning', what, cure: 'Let a time service set the clock of this machine.' });
    }
    if (connector.receive === undefined) {
      const what = `Connection ${name} has no secret for webhooks: changes are found by sweeps only.`;
      findings.push({ level: 'warning', what, cure: 'Set webhook-secret (Jira) or application-token (Bitrix24).' });
    }
    return findings;
  } catch (error) {
    if (!(error instanceof SyncError)) throw error;
    return [{ level: 'problem', what: `Connection ${name} does not work: ${error.message}`, cure: error.cure }];
  }
}

function show(findings: readonly Finding[], problems: readonly Problem[]): void {
  const marks = {
    ok: styled('green', 'ok     '),
    warning: styled('yellow', 'warning'),
    problem: styled('red', 'problem'),
  };
  for (const { level, what, cure } of findings) {
    print(`${marks[level]} ${clean(what)}`);
    if (cure !== '') print(`            ${clean(cure)}`);
  }
  for (const problem of problems) {
    print(`${marks.problem} ${problem.file}:${problem.line}:${problem.column}  ${clean(problem.message)}`);
    print(`            ${clean(problem.cure)}`);
  }
  if (problems.length > 0) print(`${problems.length} problem${problems.length === 1 ? '' : 's'} in the profiles.`);
}
