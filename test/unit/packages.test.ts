// What other people's code gets into the program, and how: the lockfile says exactly which, none of it runs at the
// installation, and nothing that is shipped fetches anything.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

type Package = {
  readonly version: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly devOptional?: boolean;
  readonly hasInstallScript?: boolean;
};

const read = (file: string) => JSON.parse(readFileSync(file, 'utf8'));
const own = read('package.json') as Readonly<Record<string, Readonly<Record<string, string | boolean>>>>;
const lock = read('package-lock.json') as { readonly packages: Readonly<Record<string, Package>> };
const installed = Object.entries(lock.packages).filter(([path]) => path !== '');
const production = installed.filter(([, one]) => !one.dev && !one.optional && !one.devOptional);

describe('the packages', () => {
  it('are few: 14 are chosen, and they bring no more than a person can look through', () => {
    expect(Object.keys(own.dependencies ?? {})).toHaveLength(14);
    // More than 40: fastify brings 47 and axios 29 (docs/design-decisions.md). The bundle holds what is left of them.
    expect(production.length).toBeGreaterThan(14);
    expect(production.length).toBeLessThanOrEqual(120);
  });

  it('have exact versions, and a checksum each where they can get into the program', () => {
    const versions = [own.dependencies, own.devDependencies, own.optionalDependencies, own.overrides];
    for (const version of versions.flatMap((some) => Object.values(some ?? {}))) {
      expect(version).toMatch(/^\d+\.\d+\.\d+$/);
    }
    expect(production.filter(([, one]) => !/^sha512-.{88}$/.test(one.integrity ?? ''))).toEqual([]);
    // Whatever registry npm is set up with, and no address that somebody slipped in.
    expect(installed.filter(([, one]) => one.resolved !== undefined)).toEqual([]);
  });

  it('run no script at the installation', () => {
    const scripted = installed.filter(([, one]) => one.hasInstallScript).map(([path]) => path);
    expect(scripted).toEqual(['node_modules/msgpackr-extract']);
    expect(production.some(([, one]) => one.hasInstallScript)).toBe(false);
    expect(own.allowScripts).toEqual({ 'msgpackr-extract': false });
    expect(
      Object.keys(own.scripts ?? {}).filter((name) => /^(pre|post)?(install|prepare|pack|publish)/.test(name)),
    ).toEqual([]);
    expect(readFileSync('Dockerfile', 'utf8')).toContain('RUN npm ci --ignore-scripts\n');
  });

  it('are installed by the lockfile, and Node only for the clone', () => {
    expect(readFileSync('.ci/run', 'utf8')).toContain('npm ci');
    expect(Object.keys(own.optionalDependencies ?? {}).every((name) => /^node-/.test(name))).toBe(true);
  });
});
