// The configuration of the demo: what an admin would write for the two sandboxes, with the same example profile.
import type { RunningSandbox } from '../sandbox/index.ts';
import { packageFile } from './package-files.ts';
import { type Setup, setupOf } from './setup.ts';

export const DEMO_CONFIG = `
connections:
  jira:
    type: jira
    url: "\${JIRA_URL}"
    auth: { email: "\${JIRA_EMAIL}", token: "\${JIRA_TOKEN}" }
    webhook-secret: "\${JIRA_WEBHOOK_SECRET}"
    insecure-http: true
  bitrix24:
    type: bitrix24
    url: "\${B24_URL}"
    auth: { webhook: "\${B24_WEBHOOK}" }
    application-token: "\${B24_APPLICATION_TOKEN}"
    member-id: "\${B24_MEMBER_ID}"
    plan: enterprise
    insecure-http: true
server:
  webhooks: { listen: "127.0.0.1:0" }
  admin: { listen: "127.0.0.1:0" }
users:
  by: email
  map: [ { jira: i.ivanova@nordhafen.example, crm: ivanova@nordhafen.example } ]
  fallback: { jira: sync@nordhafen.example, crm: sync@nordhafen.example }
profiles: examples/procurement.yaml
`;

/** `folder`: where the state lives as long as the demo. */
export function demoSetup(sandbox: RunningSandbox, folder: string): Setup {
  const { jira, bitrix24 } = sandbox.ready;
  const env = {
    JIRA_URL: jira.url,
    JIRA_EMAIL: jira.email,
    JIRA_TOKEN: jira.token,
    JIRA_WEBHOOK_SECRET: jira.webhookSecret,
    B24_URL: bitrix24.url,
    B24_WEBHOOK: bitrix24.webhook,
    B24_APPLICATION_TOKEN: bitrix24.applicationToken,
    B24_MEMBER_ID: bitrix24.memberId,
  };
  const setup = setupOf(DEMO_CONFIG, 'the demo', packageFile('config'), env, 'error', process.stderr);
  return { ...setup, workDir: folder };
}
