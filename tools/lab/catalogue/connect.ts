/** F01–F10: between the client's wish to connect and its first frame being heard. */
import type { Mode } from '../mode.ts'

export const CONNECT: readonly Mode[] = [
  {
    id: 'F01',
    name: 'blocked-upgrade',
    symptom: 'The client sees close code 1006 at once; the runtime sees nothing at all.',
    remedy: 'Ask the firewall, the proxy and the list of allowed origins for a refused upgrade to the WebSocket path.',
    made: { whyNot: 'nothing reaches the runtime, so nothing it says can show it; only the client knows' },
  },
  {
    id: 'F02',
    name: 'subprotocol-mismatch',
    symptom: 'The client sees 1006 at once, and the runtime a connection that closed as soon as it opened.',
    remedy:
      'Offer `jwt-auth` and the token in base64url without padding: `=` and `/` are no characters of a subprotocol.',
    made: {
      connects: 'come-by-subprotocol',
      fault: 'subprotocol-mismatch',
      found: { failure: 'subprotocol-mismatch', closeCode: 1006 },
    },
  },
  {
    id: 'F03',
    name: 'refused-token',
    symptom: 'The socket opens, an error frame comes, and it is closed with 4401 or 1008.',
    remedy:
      'Read what the server says, which the finding quotes, and the `auth` span: what is wrong with the tokens, and who makes them.',
    made: { connects: 'come-with-a-bad-token', found: { failure: 'auth-refused', closeCode: 4401 } },
  },
  {
    id: 'F04',
    name: 'hung-auth',
    symptom: 'The socket is open, pings are answered, and no frame ever comes.',
    remedy: 'Look for `auth` spans that stay open, and give the identity provider a timeout.',
    made: { connects: 'come', fault: 'hung-auth', found: { failure: 'auth-hung', closeCode: null } },
  },
  {
    id: 'F05',
    name: 'expired-token',
    symptom: 'Events stop in the middle of a run; the socket is closed with 4401, or left open and dead.',
    remedy: 'Let the client renew its token before it expires, connect again and resume.',
    made: {
      play: 'outlive-token',
      expected: { status: 'undelivered', phase: null, cause: 'client-gone', confidence: 'T1', says: /4401/ },
    },
  },
  {
    id: 'F06',
    name: 'handshake-race',
    symptom: 'The socket opens and is closed with 1011 within a second.',
    remedy: 'Accept the handshake before anything is sent on it.',
    made: {
      connects: 'come',
      fault: 'handshake-race',
      found: { failure: 'handshake-failed', closeCode: 1011 },
    },
  },
  {
    id: 'F07',
    name: 'clean-close-as-failure',
    symptom: 'The socket opens and is closed with 1000, as if all had been said.',
    remedy: 'Close with a code that says what failed; clients do not come back after 1000.',
    made: {
      connects: 'come',
      fault: 'clean-close-as-failure',
      found: { failure: 'closed-as-well', closeCode: 1000 },
    },
  },
  {
    id: 'F08',
    name: 'lost-first-frame',
    symptom: 'The client has asked, and nothing ever comes back.',
    remedy: 'Attach the message handler before the first `await`, and keep early frames until the connection is ready.',
    made: {
      connects: 'come-and-ask',
      fault: 'lost-first-frame',
      found: { failure: 'frames-lost', closeCode: null },
    },
  },
  {
    id: 'F09',
    name: 'leaked-connections',
    symptom: 'New connections are refused: "too many".',
    remedy:
      'Compare the limit with the number that the finding says were open; give back what a closed socket held, also when it closes badly.',
    made: {
      connects: 'come-and-go-and-come',
      fault: 'leaked-connections',
      found: { failure: 'limit-reached', closeCode: 1013 },
    },
  },
  {
    id: 'F10',
    name: 'stale-handler',
    symptom: "The reply to one user's request appears on the connection of another.",
    remedy: 'Make the handler belong to the connection; a router that is shared lets the first to register win.',
    made: {
      play: 'ask-beside-another',
      fault: 'stale-handler',
      expected: { status: 'undelivered', phase: null, cause: 'misrouted', confidence: 'T1', says: /another user/ },
    },
  },
]
