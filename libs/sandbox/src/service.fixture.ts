import { createServer } from 'node:http';

/** Ready at once; says with which arguments its Node.js runs. */
createServer((_request, response) => response.end()).listen(Number(process.env['K8STA_STATUS_PORT']), '127.0.0.1');
process.stdout.write(`${JSON.stringify(process.execArgv)}\n`);
