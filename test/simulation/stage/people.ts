/** As the configuration of the sample company has it: only Irina's addresses differ. */
export const PEOPLE = {
  map: [{ jira: 'i.ivanova@nordhafen.example', crm: 'ivanova@nordhafen.example' }],
  fallback: { jira: 'sync@nordhafen.example', crm: 'sync@nordhafen.example' },
};
