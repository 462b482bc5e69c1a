// A peer that misbehaves, one way per path.  Prints a JSON object of ports on
// its first line:
//
//   https   HTTP/1.1 over TLS, good certificate     wrong   certificate of another name
//   h2      HTTP/2 over TLS                         plain   HTTP/1.1 without TLS
//   stall   accepts connections and says nothing, not even TLS
//
//   node odd-server.mjs DIR      with key.pem, cert.pem and wrong.pem in DIR

import { readFileSync } from 'node:fs';
import { createSecureServer } from 'node:http2';
import { createServer as createPlain } from 'node:net';
import { createServer as createTls } from 'node:tls';

const dir = process.argv[2];
const key = readFileSync(`${dir}/key.pem`);
const good = readFileSync(`${dir}/cert.pem`);
const wrong = readFileSync(`${dir}/wrong.pem`);

const full = (text, status = '200 OK', more = '') =>
  `HTTP/1.1 ${status}\r\nContent-Type: text/plain\r\nX-Test: yes\r\n${more}Content-Length: ${text.length}\r\n\r\n${text}`;

const paths = {
  '/ok': (s) => s.write(full('fine')),
  '/slow': (s) => setTimeout(() => s.write(full('fine')), 20),
  '/early': (s) => s.write('HTTP/1.1 103 Early Hints\r\nX-Test: early\r\n\r\n' + full('fine')),
  '/odd-header': (s) => s.write(Buffer.from(full('fine').replace('yes', 'a\xff\xe9\x01\tb'), 'latin1')),
  '/redirect': (s) => s.write(full('elsewhere', '302 Found', 'Location: /ok\r\n')),
  '/cut': (s) => s.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf of it'),
  '/reset': (s) => { s.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n'); (s._parent ?? s).resetAndDestroy?.() ?? s.destroy(); },
  '/chunk-cut': (s) => s.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n'),
  '/big': (s) => s.write(full('x'.repeat(5000))),
  '/big-chunks': (s) => s.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n' +
    ('3e8\r\n' + 'y'.repeat(1000) + '\r\n').repeat(5) + '0\r\n\r\n'),
  '/hang': () => {},
  '/hang-body': (s) => s.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf'),
  '/close': (s) => s.destroy(),
  '/not-http': (s) => s.end('SSH-2.0-OpenSSH_9.2\r\n'),
  '/many-headers': (s) => s.write(full('fine', '200 OK', `X-Long: ${'h'.repeat(900)}\r\n`.repeat(90))),
};

function echo(head, body) {
  const seen = head.split('\r\n').filter((line) => !/^(authorization|host)/i.test(line));
  return full(JSON.stringify({ head: seen, body, bearer: /^authorization: bearer sk_test_in_no_log$/im.test(head) }));
}

function onConnection(socket) {
  let received = '';
  socket.setNoDelay(true);
  socket.on('error', () => {});
  socket.on('data', (data) => {
    received += data;
    for (let end; (end = received.indexOf('\r\n\r\n')) >= 0;) {
      const head = received.slice(0, end);
      const length = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
      if (received.length < end + 4 + length)
        return;
      const body = received.slice(end + 4, end + 4 + length);
      received = received.slice(end + 4 + length);
      const path = head.split(' ')[1];
      if (path === '/echo')
        socket.write(echo(head, body));
      else
        (paths[path] ?? paths['/ok'])(socket);
    }
  });
}

const h2paths = {
  '/cut': (stream) => { stream.respond({ ':status': 200 }); stream.write('half'); setTimeout(() => stream.destroy(new Error()), 20); },
  '/short': (stream) => { stream.respond({ ':status': 200, 'content-length': 100 }); stream.end('half'); },
  '/hang': () => {},
  '/goaway': (stream) => stream.session.destroy(),
};

function fine(stream) {
  stream.respond({ ':status': 200, 'content-type': 'text/plain', 'x-test': 'yes', 'content-length': 4 });
  stream.end('fine');
}

const h2 = createSecureServer({ key, cert: good });
h2.on('stream', (stream, headers) => {
  stream.on('error', () => {});
  const answer = h2paths[headers[':path']] ?? fine;
  // An answer before the whole request is there would make the rest of it a stream error.
  stream.on('end', () => answer(stream));
  stream.resume();
});
h2.on('session', (session) => session.on('error', () => {}));

const servers = {
  https: createTls({ key, cert: good, ALPNProtocols: ['http/1.1'] }, onConnection),
  wrong: createTls({ key, cert: wrong, ALPNProtocols: ['http/1.1'] }, onConnection),
  h2,
  plain: createPlain(onConnection),
  stall: createPlain((socket) => socket.on('error', () => {})),
};
const ports = {};
for (const [name, server] of Object.entries(servers)) {
  server.on('tlsClientError', () => {});
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  ports[name] = server.address().port;
}
console.log(JSON.stringify(ports));
process.on('SIGTERM', () => process.exit(0));
