// What a process takes of the machine, as the kernel counts it.
import { readFileSync, writeFileSync } from 'node:fs';

/** USER_HZ: the unit of /proc/<pid>/stat, 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

export type Usage = {
  /** User and system time in seconds. */
  readonly cpu: number;
  readonly residentMb: number;
  /** The most since the start, or since `forgetPeak`. */
  readonly peakMb: number;
};

export function usageOf(pid: number): Usage {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name in parentheses may hold spaces.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[11]) + Number(fields[12]);
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const mb = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0) / 1024;
  return { cpu: ticks / TICKS_PER_SECOND, residentMb: mb('VmRSS'), peakMb: mb('VmHWM') };
}

export function forgetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
}
