import type { DialectOf } from './core/dialect.js';
import type { ForgeProvider } from './core/model.js';
import { gitea } from './gitea/index.js';
import { github } from './github/index.js';
import { gitlab } from './gitlab/index.js';

export const dialects: Record<ForgeProvider, DialectOf> = { github, gitlab, gitea };
