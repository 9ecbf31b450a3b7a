import { sanitizeLine } from '@k8sta/text';
import { longestRepository } from './names.js';

/** The parts of an image reference, normalised, so that they can be compared. */
export interface ImageName {
  /** `docker.io/library/nginx`: registry host (with its port), then the path, lower case. */
  repository: string;
  tag?: string;
  digest?: string;
}

const dockerHub = new Set(['docker.io', 'index.docker.io', 'registry-1.docker.io', 'registry.hub.docker.com']);

/**
 * Parses an image reference and normalises its repository: host and path in lower case, Docker Hub's aliases
 * as `docker.io`, `library/` for its official images. The first component is a host if it contains a dot or a port or
 * is `localhost`, as in https://github.com/distribution/reference.
 *
 * Throws RangeError if the text is not an image reference, or longer than one can be.
 */
export function parseImage(reference: string): ImageName {
  // First, because text from outside may have megabytes.
  if (reference.length > longestReference) throw refused(reference);
  const [named = '', digest, ...more] = reference.trim().split('@');
  const tagAt = named.lastIndexOf(':') > named.lastIndexOf('/') ? named.lastIndexOf(':') : -1;
  const name = (tagAt < 0 ? named : named.slice(0, tagAt)).toLowerCase();
  const tag = tagAt < 0 ? undefined : named.slice(tagAt + 1);
  if (more.length > 0 || !validName(name)) throw refused(reference);
  const repository = withRegistry(name);
  if (repository.length > longestRepository) throw refused(reference);
  return {
    repository,
    // Some senders end the reference with a bare ":" when there is no tag.
    ...(tag ? { tag } : {}),
    ...(digest ? { digest } : {}),
  };
}

/** {@link parseImage}; undefined if the text is not an image reference. */
export function tryParseImage(reference: string): ImageName | undefined {
  try {
    return parseImage(reference);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** The normalised repository of an image reference, without tag and digest. Throws RangeError as {@link parseImage}. */
export function normaliseRepository(reference: string): string {
  return parseImage(reference).repository;
}

/** A repository, a tag of 128 characters, a digest of 200, the separators and some white space. */
const longestReference = longestRepository + 128 + 200 + 32;

function refused(reference: string): RangeError {
  return new RangeError(`"${sanitizeLine(reference.slice(0, 1_000), 200)}" is not an image reference`);
}

function withRegistry(name: string): string {
  const [first = '', ...rest] = name.split('/');
  const hasHost = rest.length > 0 && (first.includes('.') || first.includes(':') || first === 'localhost');
  const host = hasHost ? first : 'docker.io';
  const path = hasHost ? rest.join('/') : name;
  if (!dockerHub.has(host)) return `${host}/${path}`;
  return `docker.io/${path.includes('/') ? path : `library/${path}`}`;
}

function validName(name: string): boolean {
  const [first = '', ...rest] = name.split('/');
  const component = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
  const host = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?$/;
  if (rest.length === 0) return component.test(first);
  return (host.test(first) || component.test(first)) && rest.every((part) => component.test(part));
}
