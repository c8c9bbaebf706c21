// A client of WebSocket over HTTP/2, by Node's http2 alone: it sends a message, closes, and prints what it gets.
import http2 from 'node:http2';

const client = http2.connect(process.argv[2]);
client.on('remoteSettings', (settings) => {
  console.log('offered', settings.enableConnectProtocol);
  const stream = client.request({ ':method': 'CONNECT', ':protocol': 'websocket', ':path': '/', 'sec-websocket-version': '13' }, { endStream: false });
  stream.on('response', (head) => {
    console.log('status', head[':status']);
    stream.write(Buffer.from([0x81, 0x85, 0, 0, 0, 0, ...Buffer.from('hello')]));
  });
  stream.on('data', (data) => {
    if (data[0] === 0x81) {
      console.log('message', data.subarray(2).toString());
      stream.write(Buffer.from([0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe8]));
    } else {
      console.log('closed', data.readUInt16BE(2));
      stream.end();
    }
  });
  stream.on('close', () => client.close());
});
