/** The time of the next attempt in Argo CD's format, without date or zone: `8:09PM`. */
export function nextTry(ms: number): string {
  const time = new Date(ms);
  const hours = time.getUTCHours();
  const minutes = String(time.getUTCMinutes()).padStart(2, '0');
  return `${hours % 12 || 12}:${minutes}${hours < 12 ? 'AM' : 'PM'}`;
}
