/** Brings due rows to the path. `stop` takes no new work and resolves when what runs has ended. */
export type Dispatcher = {
  start(): void;
  ring(): void;
  stop(): Promise<void>;
  running(): number;
};
