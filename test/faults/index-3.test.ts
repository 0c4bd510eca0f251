import { expect, it } from 'vitest';
import { playPart, TEST_TIMEOUT } from './play-index.ts';

it('keeps every promise, whichever call fails in whichever way', { timeout: TEST_TIMEOUT }, async () => {
  await expect(playPart(3, import.meta.url)).resolves.toBeUndefined();
});
