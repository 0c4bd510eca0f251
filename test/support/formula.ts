/** A minimum with its numbers filled in, for people who read the test run. */
export function printFormula(what: string, formula: string, least: number, actual: number): void {
  // biome-ignore lint/suspicious/noConsole: the figures are what the run is read for
  console.log(`${what}: at least ${formula} = ${least}, sent ${actual}`);
}
