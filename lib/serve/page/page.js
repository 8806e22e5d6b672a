// What the page shows, and how it stays up to date.
const $ = id => document.getElementById(id);
const rank = {critical: 3, error: 2, warning: 1, info: 0};
const alerts = new Map();
const opened = new Map();
const view = {tab: 'firing', search: '', shown: 50, token: sessionStorage.getItem('token') || '', status: null, older: null, loaded: false};
const cards = new Map();  // By id: what was drawn, of which document.
let lastCounts = null, lostSince = null, drawPending = false;

async function get(path, options = {}) {
  const headers = view.token ? {Authorization: 'Bearer ' + view.token, ...options.headers} : options.headers;
  const response = await fetch(path, {...options, headers, credentials: 'omit'});
  if (response.status === 401) {
    askToken();
    throw new Error('a token is needed');
  }
  if (!response.ok) throw new Error(path + ' answered ' + response.status);
  return response;
}

function askToken() {
  $('login-error').textContent = view.token ? 'This token was not accepted.' : '';
  view.token = '';
  sessionStorage.removeItem('token');
  if (!$('login').hidden) return;
  for (const id of ['controls', 'alerts', 'quiet', 'banners']) $(id).hidden = true;
  $('login').hidden = false;
  $('live').textContent = 'waiting for a token';
  $('live').className = 'live';
  $('token').focus();
}
$('login').addEventListener('submit', event => {
  event.preventDefault();
  view.token = $('token').value.trim();
  sessionStorage.setItem('token', view.token);
  $('token').value = '';
  $('login').hidden = true;
  $('alerts').hidden = $('banners').hidden = false;
  begin();
});

const mostAlerts = 5000;
function take(alert) {
  if (!alert || !alert.event || !alert.event.id) return;
  alerts.delete(alert.event.id);  // So that the map stays in the order of the documents.
  alerts.set(alert.event.id, alert);
  if (alerts.size <= mostAlerts) return;
  for (const [id, old] of alerts) {
    if (fires(old)) continue;
    alerts.delete(id);
    return;
  }
}
const fires = alert => alert.wiresage.state !== 'resolved';

function end(side) {
  if (!side) return null;
  const ip = side.ip && side.port !== undefined && side.ip.includes(':') ? '[' + side.ip + ']' : side.ip;
  const place = ip ? ip + (side.port !== undefined ? ':' + side.port : '') : side.port !== undefined ? 'port ' + side.port : '';
  return [place, side.mac].filter(Boolean).join('  ') || null;
}

function copyButton(text) {
  const button = el('button', '', 'Copy');
  button.type = 'button';
  button.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = 'Copied';
    } catch {
      // Without HTTPS or localhost there is no clipboard: the filter is marked, ready for Ctrl+C.
      getSelection().selectAllChildren(button.previousSibling);
      button.textContent = 'Press Ctrl+C';
    }
    setTimeout(() => { button.textContent = 'Copy'; }, 2500);
  });
  return button;
}

const section = (title, ...content) => content.flat().some(Boolean) ? el('section', '', el('h3', '', title), ...content) : null;
const facts = rows => el('dl', 'facts', rows.flatMap(([key, value, flag]) => [el('dt', '', key), el('dd', flag ? 'flag' : '', value)]));

function download(alert) {
  const link = el('a', '', 'packets (pcapng)');
  link.href = alert.wiresage.evidence_url;
  link.addEventListener('click', async event => {
    event.preventDefault();
    try {
      const blob = await (await get(alert.wiresage.evidence_url)).blob();
      const made = el('a');
      made.href = URL.createObjectURL(blob);
      made.download = alert.event.id + '.pcapng';
      made.click();
      setTimeout(() => URL.revokeObjectURL(made.href), 60000);
    } catch (error) {
      link.after(el('span', 'bad', ' ' + error.message));
    }
  });
  return link;
}

function body(alert) {
  const w = alert.wiresage;
  const limits = Object.entries(w.threshold || {}).map(([key, value]) => [words(key), fact(key, value)]);
  if (w.window_s) limits.push(['window', number(w.window_s) + ' s']);
  const impact = Object.entries(w.impact || {}).filter(([, value]) => value !== null);
  const packets = (w.packets || []).map(p => p.input !== undefined ? p.input + ' #' + p.frame : p.interface + ' #' + (p.number ?? p.frame));
  const place = alert.observer && alert.observer.ingress;
  const cause = w.caused_by && alerts.get(w.caused_by);
  const left = el('div', '',
    section('Why', w.cause ? el('p', '', w.cause) : null),
    w.caused_by ? section('Explained by', el('p', '', cause ? cause.rule.name + ': ' + cause.message : 'alert ' + w.caused_by)) : null,
    section('What next', w.next_steps && w.next_steps.length ? el('ol', '', w.next_steps.map(step => el('li', '', step))) : null),
    section('What cannot be known from here', w.unknowable ? el('p', '', w.unknowable) : null));
  const right = el('div', '',
    section('Evidence', facts(Object.entries(w.evidence || {}).map(([k, v]) => [words(k), fact(k, v), v === true]))),
    limits.length ? section('Limits it passed', facts(limits)) : null,
    impact.length ? section('Impact', facts(impact.map(([k, v]) =>
      [words(k), k.startsWith('share') ? number(100 * v) + ' %' : number(v)]))) : null);
  const small = el('div', 'small',
    el('span', '', 'confidence ' + (w.confidence || 'unknown')),
    alert.process ? el('span', '', 'process ' + [alert.process.name, alert.process.pid].filter(Boolean).join(' ')) : null,
    place && place.interface ? el('span', '', 'seen on ' + place.interface.name + (place.vlan ? ', VLAN ' + place.vlan.id : '')) : null,
    w.capture && w.capture.dropped_ratio > 0 ? el('span', 'bad', 'the capture lost ' + number(100 * w.capture.dropped_ratio) + ' % meanwhile') : null,
    packets.length ? el('span', '', 'decisive packets ' + packets.join(', ')) : null,
    w.evidence_url ? download(alert) : null,
    el('span', 'mono', alert.rule.id + ' ' + alert.event.id));
  const filter = w.wireshark_filter ? el('section', 'filter', el('h3', '', 'Wireshark filter'),
    el('div', 'copy', el('code', '', w.wireshark_filter), copyButton(w.wireshark_filter))) : null;
  return el('div', 'body', left, right, filter, small);
}

function sinceText(alert) {
  const start = time(alert.event.start || alert['@timestamp']), last = time(alert['@timestamp']);
  return fires(alert) ? 'since ' + clock(start) + ', ' + span(Date.now() - start) : clock(start) + ', lasted ' + span(last - start);
}

function card(alert, openByDefault) {
  const w = alert.wiresage;
  const since = el('span', 'since', sinceText(alert));
  since.title = (alert.event.start || '') + ' to ' + alert['@timestamp'];
  const from = end(alert.source), to = end(alert.destination);
  const ends = from || to ? el('div', 'ends mono', el('b', '', from || 'unknown'), to ? [el('span', 'arrow', '\u2192'), el('b', '', to)] : null,
    alert.network && alert.network.transport ? '  ' + alert.network.transport : null) : null;
  const summary = el('summary', '',
    el('div', 'tags', el('span', 'severity', w.severity), el('span', 'rule', alert.rule.name || alert.rule.id),
      !fires(alert) ? el('span', 'pill done', 'resolved') : w.urgency === 'page' ? el('span', 'pill page', 'page') : w.urgency ? el('span', 'pill', w.urgency) : null,
      w.confidence && w.confidence !== 'high' ? el('span', 'pill', w.confidence + ' confidence') : null,
      w.caused_by ? el('span', 'pill', 'explained') : null, since),
    el('p', 'message', alert.message), ends);
  const made = el('details', 'alert ' + (w.severity in rank ? w.severity : 'info') + (fires(alert) ? '' : ' resolved'), summary);
  made.open = opened.has(alert.event.id) ? opened.get(alert.event.id) : openByDefault;
  if (made.open) made.append(body(alert));
  made.addEventListener('toggle', () => {
    if (made.open && made.children.length === 1) made.append(body(alert));
    opened.set(alert.event.id, made.open);
  });
  return {made, since, alert};
}

// A card is drawn anew only when its document changed: what its reader marks or copies must not go away.
function cardOf(alert, openByDefault) {
  let kept = cards.get(alert.event.id);
  if (!kept || kept.alert !== alert) {
    kept = card(alert, openByDefault);
    cards.set(alert.event.id, kept);
  }
  const text = sinceText(alert);
  if (kept.since.textContent !== text) kept.since.textContent = text;
  return kept.made;
}

function show(parent, children) {
  const same = parent.children.length === children.length && children.every((child, i) => parent.children[i] === child);
  if (!same) parent.replaceChildren(...children);
}

function drawAlerts() {
  const all = [...alerts.values()].sort((a, b) => fires(b) - fires(a) ||
    (fires(a) ? rank[b.wiresage.severity] - rank[a.wiresage.severity] : 0) ||
    (a['@timestamp'] < b['@timestamp'] ? 1 : -1));
  const firing = all.filter(fires);
  const tabs = {firing: firing.length, resolved: all.length - firing.length, all: all.length};
  $('tabs').replaceChildren(...Object.entries(tabs).map(([tab, count]) => {
    const button = el('button', '', tab[0].toUpperCase() + tab.slice(1) + ' ' + count);
    button.setAttribute('aria-pressed', String(view.tab === tab));
    button.addEventListener('click', () => { view.tab = tab; view.shown = 50; draw(); });
    return button;
  }));
  const chosen = all.filter(a => view.tab === 'all' || fires(a) === (view.tab === 'firing'))
    .filter(a => !view.search || JSON.stringify(a).toLowerCase().includes(view.search));
  const openAll = firing.length <= 2;
  const drawn = chosen.slice(0, view.shown).map((a, i) => cardOf(a, fires(a) && (openAll || i === 0)));
  if (chosen.length > view.shown || (view.older && view.tab !== 'firing')) {
    const more = el('button', 'more', 'Show more');
    more.addEventListener('click', async () => {
      view.shown += 50;
      if (chosen.length <= view.shown) await loadOlder().catch(() => {});
      draw();
    });
    drawn.push(more);
  }
  show($('alerts'), drawn);
  for (const id of cards.keys()) if (!alerts.has(id)) cards.delete(id);
  $('controls').hidden = all.length === 0;
  document.title = (firing.length ? '(' + firing.length + ') ' : '') + 'wiresage' + (view.status ? ' \u00b7 ' + view.status.sensor : '');
  drawQuiet(chosen.length, firing.length);
}

function drawQuiet(shown, firing) {
  const quiet = $('quiet'), s = view.status;
  quiet.hidden = shown > 0 || !view.loaded;
  if (quiet.hidden) return;
  if (view.search) return quiet.replaceChildren(el('h2', '', 'No alert matches'), el('p', '', 'Nothing in this list has \u201c' + view.search + '\u201d in it.'));
  if (view.tab === 'resolved') return quiet.replaceChildren(el('h2', '', 'Nothing has resolved yet'), el('p', '', 'Alerts that ended are listed here.'));
  if (firing || !s) return quiet.replaceChildren(el('h2', '', 'No alerts'));
  const rows = s.interfaces.map(i => [i.name + (i.link_type ? ' (' + i.link_type + ')' : ''),
    i.state === 'up' ? number(i.packets) + ' packets so far' : i.state, i.state !== 'up']);
  const flows = (s.tables || []).find(t => t.name === 'flows');
  if (flows) rows.push(['flows now', number(flows.entries)]);
  rows.push(['rules', number(s.rules_enabled)], ['last packet', s.event_time ? clock(time(s.event_time)) : 'none yet']);
  rows.push(['alerts go to', s.receivers.length ? s.receivers.map(r => r.name).join(', ') : 'this page and the API only']);
  quiet.replaceChildren(el('h2', '', 'Nothing is firing'),
    el('p', '', s.not_ready ? 'Not ready: ' + s.not_ready : 'The traffic below is being watched. What is found appears here at once.'), facts(rows));
}

function drawStatus() {
  const s = view.status;
  if (!s) return;
  $('sensor').textContent = s.sensor;
  $('version').textContent = 'wiresage ' + s.version;
  const parts = [];
  const now = performance.now();
  const counts = {at: now};
  for (const i of s.interfaces) {
    const dropped = Object.values(i.dropped).reduce((sum, n) => sum + n, 0);
    counts[i.name] = i.packets;
    const before = lastCounts && lastCounts[i.name];
    const rate = before !== undefined && before !== null && now > lastCounts.at ? number(Math.max(0, Math.round((i.packets - before) * 1000 / (now - lastCounts.at)))) + ' packets/s' : number(i.packets) + ' packets';
    parts.push(i.state === 'up' ? el('span', '', i.name + ' ', el('b', '', rate)) : el('span', 'bad', i.name + ' ', el('b', '', i.state)));
    if (dropped) parts.push(el('span', 'bad', i.name + ' lost ', el('b', '', number(dropped))));
  }
  if (!lastCounts || now - lastCounts.at > 900) lastCounts = counts;
  for (const t of s.tables || []) if (t.name === 'flows' || t.name === 'hosts') parts.push(el('span', '', t.name + ' ', el('b', '', number(t.entries))));
  parts.push(el('span', '', 'rules ', el('b', '', number(s.rules_enabled))));
  for (const r of s.receivers) {
    if (r.queued || r.failing_since) parts.push(el('span', r.failing_since ? 'bad' : '', r.name + ' waiting ', el('b', '', number(r.queued))));
  }
  $('strip').replaceChildren(...parts);
}

function drawBanners() {
  const s = view.status, banners = [];
  const add = (text, bad) => banners.push(el('div', 'banner' + (bad ? ' bad' : ''), text));
  if (lostSince) add('No word from the daemon since ' + clock(lostSince) + '. What you see may be old. Trying again.', true);
  if (s) {
    if (s.not_ready) add('Not ready: ' + s.not_ready, true);
    for (const why of s.degraded || []) add(why, false);
    const said = name => (s.degraded || []).some(why => why.startsWith(name + ' '));
    for (const i of s.interfaces) if (i.state !== 'up' && !said(i.name)) add('Interface ' + i.name + ' is ' + i.state + (i.error ? ': ' + i.error : '') + '. Nothing is seen there.', true);
    for (const r of s.receivers) if (r.failing_since) add('Receiver ' + r.name + ' has not taken an alert since ' + clock(time(r.failing_since)) + (r.last_error ? ': ' + r.last_error : ''), true);
    if (s.reload && s.reload.error) add('The last reload was refused, the old configuration stays: ' + s.reload.error, true);
  }
  $('banners').replaceChildren(...banners);
}

function draw() {
  if (drawPending) return;
  drawPending = true;
  requestAnimationFrame(() => {
    drawPending = false;
    if (!$('login').hidden) return;
    drawStatus();
    drawBanners();
    drawAlerts();
  });
}

const listed = async query => (await get('/api/v1/alerts?' + query)).json();

// The latest documents, and everything that fires however old its document is.
async function load() {
  const latest = await listed('limit=200');
  const firing = [];
  for (let next = ''; next !== null && firing.length < mostAlerts;) {
    const page = await listed('state=firing&limit=500' + (next && '&cursor=' + encodeURIComponent(next)));
    firing.push(...page.alerts);
    next = page.next;
  }
  alerts.clear();
  for (const alert of [...latest.alerts, ...firing].reverse()) take(alert);
  view.older = latest.next;
  view.loaded = true;
}

async function loadOlder() {
  if (!view.older) return;
  const page = await listed('limit=200&cursor=' + encodeURIComponent(view.older));
  for (const alert of page.alerts) if (alert.event && !alerts.has(alert.event.id)) alerts.set(alert.event.id, alert);
  view.older = page.next;
}

async function pollStatus() {
  try {
    view.status = await (await get('/api/v1/status')).json();
    draw();
  } catch {
    // The stream says when the daemon cannot be reached.
  }
}

function onEvent(block) {
  let data = '';
  for (const line of block.split('\n')) if (line.startsWith('data: ')) data += line.slice(6);
  if (!data) return;
  take(JSON.parse(data));
  draw();
}

// By fetch, since EventSource cannot send a token.
async function follow() {
  const response = await get('/api/v1/stream');
  await load();  // After the stream is open: nothing falls between the two.
  lostSince = null;
  $('live').textContent = 'live';
  $('live').className = 'live on';
  pollStatus();
  draw();
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const {value, done} = await reader.read();
    if (done) throw new Error('the stream ended');
    const blocks = (rest + value).split('\n\n');
    rest = blocks.pop();
    blocks.forEach(onEvent);
  }
}

let following = false;
async function begin() {
  if (following) return;
  following = true;
  while ($('login').hidden) {
    try {
      await follow();
    } catch (error) {
      if (!$('login').hidden) break;
      lostSince = lostSince || new Date();
      $('live').textContent = 'not connected';
      $('live').className = 'live off';
      draw();
      await new Promise(resolve => setTimeout(resolve, 2000 + Math.random() * 1000));
    }
  }
  following = false;
}

$('search').addEventListener('input', event => { view.search = event.target.value.trim().toLowerCase(); draw(); });
for (const link of document.querySelectorAll('footer a')) {
  link.addEventListener('click', async event => {
    if (!view.token) return;
    event.preventDefault();  // A plain link cannot send the token.
    const text = await (await get(link.getAttribute('href'))).text();
    location.href = URL.createObjectURL(new Blob([text], {type: 'text/plain;charset=utf-8'}));
  });
}
setInterval(() => { if ($('login').hidden) pollStatus(); }, 5000);
begin();
