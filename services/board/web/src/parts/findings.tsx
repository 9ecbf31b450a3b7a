import type { FindingModel } from '@k8sta/board/browser';

/** What the check of the Track found. */
export function Findings({ findings }: { findings: readonly FindingModel[] }) {
  if (findings.length === 0) return null;
  return (
    <ul class="findings" aria-label="Findings">
      {findings.map(({ station, reason, message, holds }) => (
        <li key={`${station}${reason}${message}`} class={holds ? 'bad' : 'busy'}>
          <strong>
            {station}
            {holds && ' is held'}
          </strong>{' '}
          <code class="reason">{reason}</code> {message}
        </li>
      ))}
    </ul>
  );
}
