// A server that answers every request after a fixed delay, over HTTPS with
// HTTP/2 and HTTP/1.1, or over plain HTTP/1.1.
//
//   node delay-server.mjs DELAY_MS [KEY.pem CERT.pem]
//
// Prints its port on the first line.  GET /count returns the number of
// requests answered so far.

import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createSecureServer } from 'node:http2';

const [delay, keyFile, certFile] = process.argv.slice(2);
const body = JSON.stringify({ id: 'pi_delay', object: 'payment_intent', status: 'succeeded', amount: 1099 });
let count = 0;

function answer(response) {
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  count++;
  // The compatibility layer ends a stream with an empty frame of its own. Clients that count bytes reset the
  // stream before it comes, and after 1000 resets Node ends the connection.
  if (response.stream) {
    response.stream.respond({ ':status': 200, ...headers });
    response.stream.end(body);
  } else {
    response.writeHead(200, headers);
    response.end(body);
  }
}

function onRequest(request, response) {
  if (request.url === '/count')
    response.end(String(count));
  else
    // Not before the whole request is there: an early answer makes the rest of it a protocol error.
    request.on('end', () => Number(delay) > 0 ? setTimeout(answer, Number(delay), response) : answer(response));
  request.resume();
}

const server = keyFile
  ? createSecureServer({ key: readFileSync(keyFile), cert: readFileSync(certFile), allowHTTP1: true }, onRequest)
  : createServer(onRequest);

server.keepAliveTimeout = 60000;
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
process.on('SIGTERM', () => process.exit(0));
