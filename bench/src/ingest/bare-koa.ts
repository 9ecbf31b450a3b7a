/** The plain alternative: a Koa handler that awaits one JetStream publish of the body, and nothing else. */
import Koa from 'koa';
import { connect } from 'nats';
import getRawBody from 'raw-body';

const [, , servers = '', port = ''] = process.argv;
const connection = await connect({ servers, noAsyncTraces: true });
const jetstream = connection.jetstream();
const app = new Koa();
app.use(async (context) => {
  const body = await getRawBody(context.req, { limit: '1mb', length: context.req.headers['content-length'] ?? null });
  const { seq } = await jetstream.publish('bare', body);
  context.status = 202;
  context.body = { sequence: seq };
});
const server = app.listen(Number(port), '127.0.0.1');
process.once('SIGTERM', () => {
  server.closeAllConnections();
  server.close(() => void connection.close().finally(() => process.exit()));
});
