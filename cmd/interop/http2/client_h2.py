# A client of WebSocket over HTTP/2, by python3-h2: client_h2.py HOST PORT. It sends a message, closes, and prints what it gets.
import socket
import sys

import h2.config
import h2.connection
import h2.events
import h2.exceptions
import h2.settings

host, port = sys.argv[1], int(sys.argv[2])
sock = socket.create_connection((host, port))
conn = h2.connection.H2Connection(h2.config.H2Configuration(client_side=True, header_encoding='utf-8'))
conn.initiate_connection()
sock.sendall(conn.data_to_send())
stream = None
received = b''


def take():
    """Takes the frames that have come as a whole."""
    global received
    while len(received) >= 2 and len(received) >= 2 + received[1]:
        op, payload, received = received[0], received[2:2 + received[1]], received[2 + received[1]:]
        if op == 0x81:
            print('message', payload.decode())
            conn.send_data(stream, b'\x88\x82\x00\x00\x00\x00\x03\xe8')
        elif op == 0x88:
            print('closed', int.from_bytes(payload[:2], 'big'))
            try:
                conn.end_stream(stream)
            except h2.exceptions.StreamClosedError:
                pass  # the server has ended it meanwhile


ended = False
while not ended:
    data = sock.recv(65536)
    if not data:
        break
    for event in conn.receive_data(data):
        if isinstance(event, h2.events.RemoteSettingsChanged) and stream is None:
            changed = event.changed_settings.get(h2.settings.SettingCodes.ENABLE_CONNECT_PROTOCOL)
            print('offered', changed is not None and changed.new_value == 1)
            stream = conn.get_next_available_stream_id()
            conn.send_headers(stream, [(':method', 'CONNECT'), (':protocol', 'websocket'), (':scheme', 'http'), (':path', '/'),
                                       (':authority', '%s:%d' % (host, port)), ('sec-websocket-version', '13')])
        elif isinstance(event, h2.events.ResponseReceived):
            print('status', dict(event.headers)[':status'])
            conn.send_data(stream, b'\x81\x85\x00\x00\x00\x00hello')
        elif isinstance(event, h2.events.DataReceived):
            conn.acknowledge_received_data(event.flow_controlled_length, stream)
            received += event.data
            take()
        elif isinstance(event, (h2.events.StreamEnded, h2.events.StreamReset, h2.events.ConnectionTerminated)):
            ended = True
    sock.sendall(conn.data_to_send())
