import { boardActor } from '@k8sta/contracts';
import { type Refusal, refuse } from './refusal.js';

/** Who speaks: the actor of the request, or the person that the board has authenticated. */
export function speakerOf(
  actor: string,
  { onBehalfOf }: { readonly onBehalfOf?: string | undefined },
): { by: string } | Refusal {
  if (onBehalfOf === undefined) return { by: actor };
  if (actor === boardActor) return { by: onBehalfOf };
  return refuse('ActorRefused', `${actor} may not speak for ${onBehalfOf}: only the ${boardActor} speaks for others`);
}
