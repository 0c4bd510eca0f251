/** What a command answers that its engine left undone. Apart from commands.ts: whoever asks needs no engine. */
export const ABANDONED = {
  message: 'The daemon was stopped while it worked on this',
  cure: 'Run it again.',
} as const;
