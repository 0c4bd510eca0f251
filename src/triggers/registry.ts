// A registry of our own, and the three kinds of figures in it. Names follow Prometheus: base units, `_total` for what
// only grows. Labels hold names of the configuration and fixed words, never anything that comes from outside.
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

export type Figures = {
  counter<L extends string>(name: string, help: string, labelNames?: L[]): Counter<L>;
  gauge<L extends string>(name: string, help: string, labelNames?: L[]): Gauge<L>;
  histogram<L extends string>(name: string, help: string, buckets: number[], labelNames?: L[]): Histogram<L>;
  /** Memory, processor, open files and event loop of this process; costs timers, so only a daemon asks for it. */
  watchProcess(): void;
  text(): Promise<string>;
  readonly contentType: string;
};

export function createFigures(): Figures {
  const registry = new Registry();
  const registers = [registry];
  return {
    counter: (name, help, labelNames = []) => new Counter({ name, help, labelNames, registers }),
    gauge: (name, help, labelNames = []) => new Gauge({ name, help, labelNames, registers }),
    histogram: (name, help, buckets, labelNames = []) => new Histogram({ name, help, buckets, labelNames, registers }),
    watchProcess: () => collectDefaultMetrics({ register: registry }),
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}
