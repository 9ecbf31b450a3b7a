/** A Go duration of whole hours, minutes and seconds, the largest unit first: `90s`, `10m`, `1h30m`. */
export const durationPattern = /^(?=\d)(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,8})s)?$/;

/** The duration in milliseconds; undefined if the text is not a duration. */
export function parseDuration(text: string): number | undefined {
  const match = durationPattern.exec(text);
  if (!match) return undefined;
  const [hours = 0, minutes = 0, seconds = 0] = match.slice(1).map((digits) => Number(digits ?? 0));
  return ((hours * 60 + minutes) * 60 + seconds) * 1000;
}
