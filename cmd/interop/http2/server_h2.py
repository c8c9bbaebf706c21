# An echo of short messages over WebSocket over HTTP/2, by python3-h2: server_h2.py HOST PORT. One connection after the other.
import socket
import sys

import h2.config
import h2.connection
import h2.events
import h2.exceptions
import h2.settings

listener = socket.create_server((sys.argv[1], int(sys.argv[2])))


def answers(received):
    """Returns what to send for the whole frames in received, what is left of it, and whether the end was among them."""
    out, ended = b'', False
    while len(received) >= 6 and len(received) >= 6 + (received[1] & 127):
        size = received[1] & 127
        key, masked = received[2:6], received[6:6 + size]
        out += bytes([received[0], size]) + bytes(b ^ key[i % 4] for i, b in enumerate(masked))
        ended = ended or received[0] == 0x88
        received = received[6 + size:]
    return out, received, ended


def serve(sock):
    conn = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False, header_encoding='utf-8'))
    conn.local_settings = h2.settings.Settings(client=False, initial_values={h2.settings.SettingCodes.ENABLE_CONNECT_PROTOCOL: 1})
    conn.initiate_connection()
    sock.sendall(conn.data_to_send())
    received = {}
    while data := sock.recv(65536):
        for event in conn.receive_data(data):
            if isinstance(event, h2.events.RequestReceived):
                fields = dict(event.headers)
                ok = fields[':method'] == 'CONNECT' and fields.get(':protocol') == 'websocket' and fields['sec-websocket-version'] == '13'
                conn.send_headers(event.stream_id, [(':status', '200' if ok else '400')], end_stream=not ok)
                received[event.stream_id] = b''
            elif isinstance(event, h2.events.DataReceived):
                conn.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                out, received[event.stream_id], ended = answers(received[event.stream_id] + event.data)
                try:
                    conn.send_data(event.stream_id, out, end_stream=ended)
                except h2.exceptions.StreamClosedError:
                    pass  # the client has ended it meanwhile
        sock.sendall(conn.data_to_send())


while True:
    sock, _ = listener.accept()
    with sock:
        try:
            serve(sock)
        except ConnectionError:
            pass
