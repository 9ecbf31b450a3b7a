export interface Need {
  readonly name: string;
  readonly program?: string;
  readonly file?: string;
  readonly apt: string;
  readonly brew?: string;
  readonly why: string;
  readonly except?: string;
}

export type System = 'debian' | 'macos' | 'other';
export type Plan =
  | { readonly by: 'none' }
  | { readonly by: 'apt'; readonly packages: string[]; readonly sudo: boolean }
  | { readonly by: 'brew'; readonly packages: string[] }
  | { readonly by: 'hand'; readonly message: string };

type Packages = Record<string, { version?: string; integrity?: string; link?: boolean; optional?: boolean }>;

export const needs: readonly Need[];
export function isNewEnough(version: string, engines: string): boolean;
export function systemOf(platform: string, has: (program: string) => boolean): System;
export function missingNeeds(
  system: System,
  has: (program: string) => boolean,
  exists: (file: string) => boolean,
): Need[];
export function planInstallation(
  system: System,
  missing: readonly Need[],
  can: { root?: boolean; sudo?: boolean; brew?: boolean },
  exists: (file: string) => boolean,
): Plan;
export function isInstalled(lock: { packages: Packages }, record: { packages: Packages } | undefined): boolean;
export function formatDuration(ms: number): string;
export function lastLines(text: string, count: number): string;
export function progressOf(output: string): string | undefined;
