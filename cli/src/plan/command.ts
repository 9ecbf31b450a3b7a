import { digest as digestSchema, type ImageRef, parseImage, tag as tagSchema } from '@k8sta/contracts';
import { type Command, Option } from 'commander';
import { applicationsFlag, argument } from '../argument.js';
import { type CheckoutOption, parseCheckout } from './checkouts.js';

interface Flags {
  readonly tracks: string[];
  readonly applications: string[];
  readonly checkout?: CheckoutOption[];
  readonly output: 'text' | 'json';
}

/** Adds `k8sta plan`: its exit code is 0 if every Station could be promoted, else 1. */
export function addPlan(program: Command): void {
  program
    .command('plan')
    .description('show what K8sTA would commit for an image at each Station, from files alone: it changes nothing')
    .argument('<image>', 'the image with its tag, such as ghcr.io/acme/shop:2.0.0', argument(imageOf))
    .requiredOption('--tracks <files...>', 'tracks files, or directories that contain them')
    .requiredOption(...applicationsFlag)
    .option(
      '--checkout <url=dir...>',
      'a Git repository by its address, and a local clone of it',
      (text: string, before: CheckoutOption[] = []) => [...before, argument(parseCheckout)(text)],
    )
    .addOption(new Option('-o, --output <format>', 'how to print the plan').choices(['text', 'json']).default('text'))
    .action(async (image: ImageRef, { tracks, applications, checkout: checkouts = [], output: format }: Flags) => {
      const { runPlan } = await import('./run.js');
      const { code, output } = await runPlan({ image, tracks, applications, checkouts }, format);
      process[code === 'fault' ? 'stderr' : 'stdout'].write(output);
      process.exitCode = code === 'possible' ? 0 : 1;
    });
}

/** The image of a Ticket. Throws a RangeError with a message for people. */
function imageOf(text: string): ImageRef {
  const { repository, tag, digest } = parseImage(text);
  if (tag === undefined || !tagSchema.safeParse(tag).success) {
    throw new RangeError(`"${repository}" needs a tag, such as ${repository}:1.4.2`);
  }
  if (digest === undefined) return { repository, tag };
  if (!digestSchema.safeParse(digest).success)
    throw new RangeError('the digest must be sha256: and 64 hexadecimal digits');
  return { repository, tag, digest };
}
