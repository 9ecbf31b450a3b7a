import { unreachable } from '@k8sta/text';
import type { ReceiverSpec } from '../rules/rule.js';
import { discord } from './discord.js';
import { email } from './email.js';
import type { Receiver } from './receiver.js';
import { type ReceiverOptions, slack } from './slack.js';
import { teams } from './teams.js';
import { webhook } from './webhook.js';

export function openReceiver(spec: ReceiverSpec, options: ReceiverOptions): Receiver {
  switch (spec.kind) {
    case 'slack':
      return slack(spec, options);
    case 'teams':
      return teams(spec, options);
    case 'discord':
      return discord(spec, options);
    case 'webhook':
      return webhook(spec, options);
    case 'email':
      return email(spec, options);
    default:
      return unreachable('receiver', spec);
  }
}
