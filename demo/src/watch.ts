import { follow } from '@k8sta/board';
import { type AnyUnwrapped, openTap } from '@k8sta/bus';
import { type ApiInput, type ApiReply, type ApiVerb, operator } from '@k8sta/contracts';
import type { System } from '@k8sta/sandbox';
import { loadTracks } from '@k8sta/tracks';
import { describeEvent } from './describe-event.js';
import type { Output } from './output.js';

export interface Watch {
  /** Calls the listener for every event from now on. */
  onEvent(listener: (event: AnyUnwrapped) => void): void;
  /** Asks the tracker as the operator. */
  ask<Verb extends ApiVerb>(verb: Verb, request: ApiInput<Verb>): Promise<ApiReply<Verb> | undefined>;
  close(): Promise<void>;
}

/** Taps the bus: the board follows it, and each event is printed as it happens. */
export async function watch(system: System, output: Output): Promise<Watch> {
  const tap = await openTap(system.nats.as(operator), operator);
  const listeners: ((event: AnyUnwrapped) => void)[] = [];
  const tracks = await loadTracks([system.tracks]);
  output.show(await follow({ tap, tracks, instances: ['default'], onChange: output.update }));
  await tap.events((event) => {
    const line = describeEvent(event);
    if (line) output.say(line);
    for (const listener of listeners) listener(event);
  });
  return {
    onEvent: (listener) => void listeners.push(listener),
    ask: (verb, request) => tap.call(operator, verb, request, 10_000),
    close: () => tap.close(),
  };
}
