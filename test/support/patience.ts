/** Time limit of a test in ms: where a state or a queue on servers answers every verb over a socket, it takes longer. */
export function patience(ms: number): number {
  return process.env.STATE === 'postgres' || process.env.QUEUE === 'redis' ? 6 * ms : 2 * ms;
}
