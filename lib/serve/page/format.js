// How values become text, and text becomes elements.  Whatever comes from the daemon may come from a packet: it is
// only ever set as text.
'use strict';
function el(tag, className, ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  for (const child of children.flat()) if (child !== null && child !== undefined && child !== '') made.append(child);
  return made;
}

// Times are cut to milliseconds, which every browser reads.
const time = text => text ? new Date(String(text).replace(/(\.\d{3})\d+/, '$1')) : null;
function clock(date) {
  const sameDay = date.toDateString() === new Date().toDateString();
  const day = sameDay ? '' : date.toLocaleDateString(undefined, {year: 'numeric', month: 'short', day: 'numeric'}) + ' ';
  return day + date.toLocaleTimeString(undefined, {hour12: false});
}
function span(milliseconds) {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 90) return seconds + ' s';
  if (seconds < 5400) return Math.round(seconds / 60) + ' min';
  if (seconds < 172800) return Math.round(seconds / 3600) + ' h';
  return Math.round(seconds / 86400) + ' days';
}
function number(value) {
  if (typeof value !== 'number') return String(value);
  return value.toLocaleString('en', {maximumFractionDigits: Math.abs(value) < 10 ? 3 : 1}).replace(/,/g, '\u202f');
}
// Keys are the rule's own; numbers that name a thing (ports, sequence numbers) are not grouped.
const isName = key => /(^|_)(port|seq|ack|isn|id|vlan|code|type)$|^(seq|expected_ack|observed_ack)/.test(key);
function fact(key, value) {
  if (Array.isArray(value)) return value.map(part => fact(key, part)).join(', ');
  if (value === true) return 'yes';
  if (value === false) return 'no';
  if (value && typeof value === 'object') return Object.entries(value).map(([k, v]) => k + ' ' + fact(k, v)).join(', ');
  return isName(key) ? String(value) : number(value);
}
const words = key => key.replace(/_/g, ' ');
