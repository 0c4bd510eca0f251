/** Shows where a secret stood without showing it. */
export type Redact = (text: string) => string;

const MASK = '[secret]';

/**
 * Takes the secrets of one connection by value and removes them from any text that leaves it, also in the forms in
 * which they travel: percent-encoded in an address, base64 in a header, escaped in JSON.
 */
export function createRedact(secrets: readonly string[]): Redact {
  const forms = new Set<string>();
  for (const secret of secrets) {
    // Shorter texts would mask half of every message, and no vendor's secret is that short.
    if (secret.length < 6) continue;
    forms.add(secret);
    forms.add(encodeURIComponent(secret));
    forms.add(JSON.stringify(secret).slice(1, -1));
    forms.add(Buffer.from(secret).toString('base64'));
  }
  const longestFirst = [...forms].sort((a, b) => b.length - a.length);
  return (text) => {
    let shown = text;
    for (const form of longestFirst) shown = shown.split(form).join(MASK);
    return shown.replace(/\b(Basic|Bearer)\s+[A-Za-z0-9+/=._~-]{8,}/g, `$1 ${MASK}`);
  };
}
