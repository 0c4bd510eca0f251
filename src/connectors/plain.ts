/** Of a member that should be a text or a number: '' for anything else. An object's own `toString` may be anything. */
export function plainOf(raw: unknown): string {
  return typeof raw === 'string' || typeof raw === 'number' || typeof raw === 'boolean' ? String(raw) : '';
}
