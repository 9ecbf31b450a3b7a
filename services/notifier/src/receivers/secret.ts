import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileReason } from '@k8sta/text';

/** A secret in a file, read for each message, so that it may be rotated. */
export interface Secret {
  read(): Promise<{ readonly value: string } | { readonly fault: string }>;
}

const longest = 16 * 1024;

/** `parse` returns what is wrong with the value, without repeating it. */
export function secretIn(directory: string, file: string, faultIn: (value: string) => string | undefined): Secret {
  return {
    async read() {
      if (directory === '') return { fault: `needs the file "${file}", and K8STA_NOTIFY_SECRETS is not set` };
      try {
        const value = (await readFile(join(directory, file), 'utf8')).trim();
        if (value === '') return { fault: `the file "${file}" is empty` };
        if (value.length > longest) return { fault: `the file "${file}" is longer than a secret` };
        const fault = faultIn(value);
        return fault === undefined ? { value } : { fault: `the file "${file}" ${fault}` };
      } catch (error) {
        return { fault: `the file "${file}" cannot be read: ${fileReason(error as NodeJS.ErrnoException)}` };
      }
    },
  };
}

/** What the check of a receiver says about its secret. */
export async function faultOf(secret: Secret): Promise<string | undefined> {
  const read = await secret.read();
  return 'fault' in read ? read.fault : undefined;
}

/** The text without the secret, and without the parts of an address that is one. */
export function redact(text: string, secret: string): string {
  const parts = URL.canParse(secret) ? [secret, new URL(secret).pathname, new URL(secret).search] : [secret];
  return parts.filter((part) => part.length >= 4).reduce((shown, part) => shown.replaceAll(part, '***'), text);
}
