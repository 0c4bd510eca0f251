// Actions of commands are loaded when they run: declared, a command costs nothing, so that `--help`, `status` and
// `explain` start without what speaks to the products.

type Action = (...args: never[]) => unknown;

/** An action for commander that loads `load` first and calls what it exports as `name`. */
export function lazily<Name extends string>(
  load: () => Promise<Readonly<Record<Name, Action>>>,
  name: Name,
): (...args: unknown[]) => Promise<void> {
  return async (...args) => {
    const action = (await load())[name];
    await action(...(args as never[]));
  };
}
