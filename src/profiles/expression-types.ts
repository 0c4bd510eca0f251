import type { ASTNode } from '@marcbachmann/cel-js';
import type { FieldSchema, Side } from '../model.ts';
import type { Kind, Raw } from './expression-values.ts';

/** What a compiled expression reads while it runs. Times are days since 1970. */
export type EvaluationScope = {
  readonly now: number;
  readonly today: number;
  /** The element that `exists` and `all` are looking at. */
  readonly bound: string;
  exists(side: Side, old: boolean): boolean;
  field(side: Side, old: boolean, field: FieldSchema): Raw;
  changed(side: Side, field: FieldSchema): boolean;
};

/** A checked node: its type, and how to run it. */
export type Typed = {
  readonly kind: Kind;
  readonly nullable: boolean;
  readonly run: (scope: EvaluationScope) => Raw;
  /** Same key, same value: what a comparison with null tells about. */
  readonly path?: string;
  readonly field?: { readonly side: Side; readonly old: boolean; readonly schema: FieldSchema };
  readonly record?: { readonly side: Side; readonly old: boolean };
  /** All labels that the value can be. */
  readonly labels?: readonly string[];
  readonly literal?: string;
};

/** Reports at an index of the expression's source. */
export type Report = (index: number, message: string, cure: string) => void;

/** Paths that are known not to be null at a place of the expression. */
export type Facts = ReadonlySet<string>;

export type Walk = {
  readonly source: string;
  readonly report: Report;
  /** Reports a field whose old value nobody keeps. */
  readonly needsBase: (side: Side, field: FieldSchema, index: number) => void;
  /** Null when the node was reported. `bound`: the variable of the comprehension around it. */
  readonly visit: (node: ASTNode, facts: Facts, bound: string | null) => Typed | null;
};

export function textOf(source: string, node: ASTNode): string {
  return source.slice(node.start, node.end).replace(/\s+/g, ' ');
}
