// Faults that a test asks for: the next requests to a path are answered wrongly.
//
// A fault is {path, mode, count, status?, body?, delay_ms?}. Modes: status, garbage, html200, raw,
// reset, hang, delay (late, then right), lost_answer (done, but nobody hears of it).

let faults = [];

export const setFaults = (list) => {
  faults = list.map((fault) => ({ count: 1, ...fault }));
  const unknown = faults.find((fault) => !(fault.mode in answers));
  if (unknown) throw new Error(`no such fault: ${unknown.mode}`);
};

// Uses up and gives the fault for this path, if there is one.
export const takeFault = (path) => {
  const fault = faults.find((candidate) => candidate.count > 0 && path === candidate.path);
  if (fault) fault.count -= 1;
  return fault;
};

const send = (res, status, type, body) => {
  res.writeHead(status, { 'content-type': type });
  res.end(body);
};

// Each mode does its harm and says whether the request is to be handled all the same.
const answers = {
  status: (fault, req, res) => {
    send(res, fault.status ?? 500, 'application/json', fault.body ?? '{"error":"server_error"}');
    return false;
  },
  garbage: (fault, req, res) => {
    send(res, 200, 'application/json', '{"access_token": "cut off in the mid');
    return false;
  },
  html200: (fault, req, res) => {
    send(res, 200, 'text/html', '<!doctype html><title>Sign in to the network</title>');
    return false;
  },
  raw: (fault, req, res) => {
    send(res, fault.status ?? 200, 'application/json', fault.body ?? '');
    return false;
  },
  reset: (fault, req) => {
    req.socket.resetAndDestroy();
    return false;
  },
  hang: () => false,
  delay: (fault) => new Promise((resolve) => {
    setTimeout(resolve, fault.delay_ms ?? 500, true);
  }),
  lost_answer: (fault, req, res) => {
    res.writeHead = () => res;
    res.write = () => true;
    res.end = () => {
      req.socket.resetAndDestroy();
      return res;
    };
    return true;
  },
};

export const applyFault = (fault, req, res) => answers[fault.mode](fault, req, res);
