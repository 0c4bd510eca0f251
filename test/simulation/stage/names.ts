// Names on the screens for the ids behind them, the same at both depths.
export const STAGE_NAMES: Readonly<Record<string, string>> = {
  'C9:NEW': 'Черновик',
  'C9:PREPARATION': 'Согласование',
  'C9:PREPAYMENT_INVOICE': 'Новая',
  'C9:EXECUTING': 'В работе',
  'C9:WON': 'Выиграна',
  'C9:LOSE': 'Проиграна',
};

export const STATUS_NAMES: Readonly<Record<string, string>> = {
  10010: 'To Do',
  10011: 'In Progress',
  10012: 'Done',
  10013: "Won't do",
};

export const JIRA_DISTRIBUTORS: Readonly<Record<string, string>> = {
  10201: 'Hydrotech',
  10202: 'Nordwind Supply',
  10203: 'Rotor Trade',
  10204: 'Уралнасос',
};

export const CRM_DISTRIBUTORS: Readonly<Record<string, string>> = {
  81: 'Hydrotech',
  82: 'Nordwind Supply',
  83: 'Rotor Trade',
  84: 'Уралнасос',
};

export const PERSON_NAMES: Readonly<Record<string, string>> = {
  ivanova: 'Irina Ivanova',
  petrov: 'Oleg Petrov',
  weber: 'Anna Weber',
  smirnov: 'Павел Смирнов',
  sync: 'Sync Daemon',
};
