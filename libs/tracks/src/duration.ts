import { z } from 'zod';

/** A Go duration of whole hours, minutes and seconds, the largest unit first: `90s`, `10m`, `1h30m`. */
const durationPattern = /^(?=\d)(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,8})s)?$/;

/** The duration in milliseconds; undefined if the text is not a duration. */
export function parseDuration(text: string): number | undefined {
  const match = durationPattern.exec(text);
  if (!match) return undefined;
  const [hours = 0, minutes = 0, seconds = 0] = match.slice(1).map((digits) => Number(digits ?? 0));
  return ((hours * 60 + minutes) * 60 + seconds) * 1000;
}

/** The history is kept for 30 days; K8sTA could not explain a longer duration. */
const longestMs = 30 * 24 * 60 * 60 * 1000;

const durationMessage = 'must be a duration such as "90s", "10m" or "1h30m"';

/** A duration in a tracks file, in milliseconds. */
export const duration = z
  .string({
    error: ({ input }) => {
      if (typeof input !== 'number') return undefined;
      return Number.isInteger(input) && input > 0
        ? `is a number without a unit: write "${input}m" for minutes or "${input}s" for seconds`
        : durationMessage;
    },
  })
  .regex(durationPattern, durationMessage)
  .transform((text) => parseDuration(text) ?? 0)
  .refine((ms) => ms > 0 && ms <= longestMs, 'must be between 1s and 720h');
