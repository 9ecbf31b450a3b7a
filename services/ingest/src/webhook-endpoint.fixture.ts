import { readFileSync } from 'node:fs';
import type { EventType, TokensFor } from '@k8sta/contracts';
import { type NatsServer, startNats } from '@k8sta/sandbox';
import { EndpointStage } from './endpoint.fixture.js';
import { judgeOpenings } from './repeat.js';
import { dockerHub } from './senders/dockerhub.js';
import { named } from './senders/proven.fixture.js';
import type { ServerOptions, WebhookServer } from './server.js';
import { Storage } from './storage.js';
import { tracksOf, written } from './tracks.fixture.js';

export const secret = 'a-secret-that-nobody-may-see';
export const captured = readFileSync(new URL('senders/fixtures/dockerhub/push.json', import.meta.url), 'utf8');
export const callbackSecret = '2141b5bi5i5b02bec211i4eeih0242eg11000a';
export const bodyLimit = 64 * 1024;

/** A webhook that announces this tag. */
export const tagged = (tag: string) =>
  JSON.stringify({ push_data: { tag }, repository: { repo_name: 'acme/storefront' } });

export const subscribed = (...names: string[]) =>
  tracksOf({ tracks: names.map((name) => written(name, 'acme/storefront')) });

/** The endpoint for webhooks of Docker Hub, opened again for each test of the suite, on one NATS server for all. */
export class WebhookEndpoint {
  readonly tracks = subscribed('storefront', 'mirror');
  stage!: EndpointStage;
  storage!: Storage;
  server!: WebhookServer;

  constructor() {
    let nats: NatsServer;
    before(async () => {
      nats = await startNats();
    });
    after(() => nats.stop());
    beforeEach(async () => {
      this.stage = await EndpointStage.start(nats);
      const now = () => new Date();
      this.storage = new Storage({ bus: this.stage.bus, withinMs: 1_000, bodyLimit, now });
      this.server = await this.open();
    });
    afterEach(async () => {
      await this.server.close();
      await this.stage.stop(new RegExp(`${secret}|${callbackSecret}`));
    });
  }

  get nats(): NatsServer {
    return this.stage.nats;
  }

  open(change: Partial<ServerOptions> = {}): Promise<WebhookServer> {
    const { bus, log } = this.stage;
    const webhooks = {
      senders: [dockerHub],
      secrets: { of: async () => named(secret) },
      judge: judgeOpenings(bus, log),
    };
    return this.stage.open({ ...webhooks, tracks: this.tracks, storage: this.storage, bodyLimit, ...change }, 0);
  }

  readonly address = (path = `dockerhub/${secret}`) => `http://127.0.0.1:${this.server.port}/webhooks/${path}`;

  readonly post = async (
    body: NonNullable<RequestInit['body']>,
    { path, ...init }: RequestInit & { path?: string } = {},
  ) => {
    const headers = { 'content-type': 'application/json', ...init.headers };
    const response = await fetch(this.address(path), { method: 'POST', body, ...init, headers });
    return {
      status: response.status,
      headers: response.headers,
      json: (await response.json()) as { [key: string]: unknown },
    };
  };

  readonly history = <Type extends EventType>(type: Type, tokens: TokensFor<Type>) =>
    this.stage.others.since(type, tokens, new Date(0));
}
