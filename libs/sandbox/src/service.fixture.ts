import { createServer } from 'node:http';

/** A service that is ready at once and returns the arguments of its Node.js. */
createServer((_request, response) => response.end()).listen(Number(process.env['K8STA_STATUS_PORT']), '127.0.0.1');
process.stdout.write(`${JSON.stringify(process.execArgv)}\n`);
