import type { Pause } from '@k8sta/board/browser';

export function PauseBadge({ pause }: { pause: Pause | undefined }) {
  if (!pause) return null;
  return (
    <span class="badge busy">
      paused by {pause.by}
      {pause.message && `: ${pause.message}`}
    </span>
  );
}
