// What the path counts, for those who may not look into `sync`.
export type { Meters } from '../sync/context.ts';
