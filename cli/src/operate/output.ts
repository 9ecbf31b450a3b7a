import { formatImage, type ImageRef } from '@k8sta/contracts';
import { sanitizeLine } from '@k8sta/text';
import { type Command, Option } from 'commander';

export function addOutputFlag(command: Command): Command {
  return command.addOption(
    new Option('-o, --output <format>', 'text for people, or json').choices(['text', 'json']).default('text'),
  );
}

/** Prints the value as JSON, or as the text. */
export function print(format: unknown, value: unknown, text: () => string): void {
  process.stdout.write(format === 'json' ? `${JSON.stringify(value, null, 2)}\n` : text());
}

/** Rows under a head, each column as wide as its widest cell. The last one is not cut. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const safe = rows.map((row) => row.map((cell) => sanitizeLine(cell, 1_000)));
  const widths = head.map((title, at) => Math.max(title.length, ...safe.map((row) => row[at]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd();
  return `${[head, ...safe].map(line).join('\n')}\n`;
}

/** `name: value` lines, aligned. */
export function fields(values: readonly (readonly [string, string | undefined])[]): string {
  const given = values.filter((each): each is readonly [string, string] => each[1] !== undefined && each[1] !== '');
  const width = Math.max(...given.map(([name]) => name.length)) + 2;
  return given.map(([name, value]) => `${`${name}:`.padEnd(width)}${sanitizeLine(value, 1_000)}\n`).join('');
}

/** A time without its milliseconds. */
export function moment(time: string | undefined): string {
  return time === undefined ? '-' : time.replace(/\.\d+Z$/, 'Z');
}

/** An image with its tag, and with its digest where it is known. */
export function imageText(image: ImageRef): string {
  return image.digest === undefined ? formatImage(image) : `${formatImage(image)}@${image.digest}`;
}
