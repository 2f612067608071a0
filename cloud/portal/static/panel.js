// Shows the live samples of one refinery on its P&ID and in its tables. A value that is old or bad never looks good.
const texts = JSON.parse(document.getElementById("texts").textContent);
const language = document.documentElement.lang;
const refinery = document.getElementById("plant").dataset.refinery;
const STALE_AFTER_HEARTBEATS = 3;
const CAP_HEIGHT = 0.698; // of the font size, IBM Plex Sans
const SILENT_AFTER_MS = 4000; // a frame comes five times a second, whether values changed or not

const plant = await (await fetch(`/${refinery}/api/signals`)).json();
const signals = new Map(plant.signals.map((signal) => [signal.kks, signal]));
const equipment = new Map(); // KKS of an equipment → its signals
for (const signal of plant.signals) {
  if (signal.equipment) equipment.set(signal.equipment, [...(equipment.get(signal.equipment) || []), signal]);
}
const newest = new Map(); // kks → { value, time, quality }
let clockOffsetMs = 0;
let source = "connecting";
let heardMs = performance.now();

await drawSheet();
const cells = makeTables();
apply(plant.rows);
listen();
setInterval(refresh, 500);
refresh();

async function drawSheet() {
  if (document.getElementById("plant").dataset.sheet === "no") return;
  const answer = await fetch(`/${refinery}/sheet.svg`);
  if (!answer.ok) return;
  const sheet = new DOMParser().parseFromString(await answer.text(), "image/svg+xml").documentElement;
  document.getElementById("sheet").replaceChildren(document.importNode(sheet, true));
}

function makeTables() {
  const made = new Map();
  const signalRows = document.querySelector("#signals tbody");
  for (const signal of plant.signals) {
    const row = signalRows.insertRow();
    row.innerHTML = "<td><b></b><small></small></td><td class=n><span class=v></span></td><td class=n></td>";
    row.querySelector("b").textContent = signal.kks;
    row.querySelector("small").textContent = signal.description;
    const value = row.querySelector(".v");
    value.dataset.kks = signal.kks;
    made.set(signal.kks, { values: [value], ages: [row.cells[2]], tank: null });
  }
  const tankRows = document.querySelector("#tanks tbody");
  for (const tank of plant.tanks) {
    const row = tankRows.insertRow();
    row.innerHTML = "<td><b></b><small></small></td><td></td>" + "<td class=n><span class=v></span></td>".repeat(3);
    row.querySelector("b").textContent = tank.kks;
    row.querySelector("small").textContent = tank.name;
    row.cells[1].textContent = tank.product;
    const [level, volume, free] = row.querySelectorAll(".v");
    level.id = `level-${tank.kks}`;
    const entry = made.get(tank.level);
    entry.values.push(level);
    entry.tank = { tank, volume, free };
  }
  return made;
}

function listen() {
  const stream = new EventSource(`/${refinery}/stream`);
  stream.addEventListener("samples", (message) => {
    const frame = JSON.parse(message.data);
    heardMs = performance.now();
    clockOffsetMs = frame.now / 1000 - Date.now();
    source = frame.source;
    apply(frame.rows);
    refresh();
  });
  stream.addEventListener("denied", () => location.reload());
  stream.addEventListener("error", () => { source = "offline"; refresh(); });
}

function apply(rows) {
  for (const [kks, value, time, quality, goodValue, goodTime] of rows) {
    if (!signals.has(kks)) continue;
    const kept = value === null && goodValue !== undefined;
    newest.set(kks, { value: kept ? goodValue : value, time: kept ? goodTime : time, quality: kept ? 20 : quality });
  }
}

function look(sample, ageS, signal) {
  if (!sample) return "waiting";
  if (sample.quality < 64) return "bad";
  if (source !== "live" || ageS > STALE_AFTER_HEARTBEATS * signal.heartbeat_s) return "old";
  return sample.quality < 192 ? "uncertain" : "good";
}

function refresh() {
  const now = Date.now() + clockOffsetMs;
  // A network that was cut says nothing for minutes.
  if (performance.now() - heardMs > SILENT_AFTER_MS) source = "offline";
  const state = document.getElementById("source");
  state.dataset.state = source;
  state.textContent = texts[source];
  document.getElementById("clock").textContent = new Intl.DateTimeFormat(language, {
    timeZone: plant.timezone, hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false,
  }).format(now);
  for (const [kks, entry] of cells) {
    const signal = signals.get(kks);
    const sample = newest.get(kks);
    const ageS = sample ? Math.max(0, (now - sample.time / 1000) / 1000) : Infinity;
    const how = look(sample, ageS, signal);
    const value = sample ? sample.value : null;
    for (const cell of entry.values) show(cell, said(signal, value), signal.unit, how, sample);
    for (const cell of entry.ages) cell.textContent = age(ageS);
    showOnSheet(signal, value, how);
    if (entry.tank) showTank(entry.tank, signal, value, how, sample);
  }
  showEquipment();
}

// A state is a word, as the desktop says it; `texts[role]` is «off|on».
function said(signal, value) {
  const words = signal.kind === "analog" ? undefined : texts[signal.role];
  return words && value !== null ? words.split("|")[value >= 0.5 ? 1 : 0] : number(value, signal.decimals);
}

function show(cell, text, unit, how, sample) {
  const whole = unit ? `${text}\u2009${unit}` : text;
  if (cell.dataset.text !== whole) {
    cell.dataset.text = whole;
    cell.textContent = text;
    if (unit) cell.appendChild(Object.assign(document.createElement("i"), { textContent: unit }));
  }
  cell.dataset.look = how;
  cell.title = how === "good" ? "" : texts[how] || "";
  if (sample) { cell.dataset.value = sample.value; cell.dataset.time = sample.time; }
}

function showOnSheet(signal, value, how) {
  const text = signal.unit ? `${number(value, signal.decimals)} ${signal.unit}` : number(value, signal.decimals);
  for (const place of document.querySelectorAll(`[data-signal="${CSS.escape(signal.kks)}"]`)) {
    place.textContent = text;
    place.dataset.look = how;
  }
}

// Pumps and valves, by the same rules as the desktop: limit switches are believed before a position.
function showEquipment() {
  for (const [code, signalsOfIt] of equipment) {
    const group = document.getElementById(code);
    if (!group || !group.dataset.state) continue;
    const value = (role) => { // 0 … 1 of the signal's range
      const signal = signalsOfIt.find((one) => one.role === role);
      const sample = signal && newest.get(signal.kks);
      if (!sample || sample.value === null || sample.quality < 64) return null;
      return (sample.value - signal.low) / (signal.high - signal.low);
    };
    const has = (role) => signalsOfIt.some((one) => one.role === role);
    const isSet = (role) => (value(role) === null ? null : value(role) >= 0.5);
    const opened = has("open") ? "open" : "lifted";
    group.dataset.state = group.classList.contains("valve")
      ? valveState(isSet(opened), isSet("closed"), value("position"), has(opened), has("closed"))
      : driveState(isSet("running"), isSet("fault") || isSet("trip"), isSet("command"), isSet("available"));
  }
}

function driveState(running, fault, command, available) {
  if (fault) return "tripped";
  if (running) return "running";
  if (available === false) return "out of service";
  if (running === null) return "unknown";
  return command ? "starting" : "stopped";
}

// A switch that is not to be believed leaves the valve unknown; where there is only one, it says the other end too.
function valveState(open, closed, position, hasOpen, hasClosed) {
  if (open !== null || closed !== null) {
    if (open === closed) return open ? "unknown" : "travelling";
    if (open || closed) return open ? "open" : "closed";
    if (open === null) return hasOpen ? "unknown" : "open";
    return hasClosed ? "unknown" : "closed";
  }
  if (position === null) return "unknown";
  return position <= 0.02 ? "closed" : position >= 0.98 ? "open" : "throttling";
}

function showTank({ tank, volume, free }, signal, value, how, sample) {
  const [levels, volumes] = tank.strapping;
  const held = value === null ? null : interpolate(levels, volumes, value);
  show(volume, number(held, 0), "m³", how, sample);
  show(free, number(held === null ? null : volumes[volumes.length - 1] - held, 0), "m³", how, sample);
  const liquid = document.getElementById(`liquid-${tank.kks}`);
  if (!liquid) return;
  liquid.dataset.look = how;
  const top = Number(liquid.dataset.top);
  const height = Number(liquid.dataset.height);
  const part = value === null ? 0 : Math.min(1, Math.max(0, (value - signal.low) / (signal.high - signal.low)));
  liquid.setAttribute("y", String(top + height * (1 - part)));
  liquid.setAttribute("height", String(height * part));
  const surface = document.getElementById(`surface-${tank.kks}`);
  if (!surface) return;
  surface.dataset.look = how;
  surface.setAttribute("y", String(top + height * (1 - part) - Number(surface.dataset.above)));
  // In the larger of liquid and vapour, never across the surface.
  const text = document.getElementById(`v-${signal.kks}`);
  const middle = top + height * (part >= 0.5 ? 1 - part / 2 : (1 - part) / 2);
  if (text) text.setAttribute("y", String(middle + CAP_HEIGHT / 2 * parseFloat(text.style.fontSize)));
}

function interpolate(levels, volumes, level) {
  if (level <= levels[0]) return volumes[0];
  for (let i = 1; i < levels.length; i += 1) {
    if (level <= levels[i]) {
      const part = (level - levels[i - 1]) / (levels[i] - levels[i - 1]);
      return volumes[i - 1] + part * (volumes[i] - volumes[i - 1]);
    }
  }
  return null; // above its last row a strapping table says nothing
}

// As contracts/number_text.py writes them: a narrow no-break space in thousands, a true minus, a dash for unknown.
function number(value, decimals) {
  if (value === null || value === undefined) return "—";
  const [whole, part] = Math.abs(value).toFixed(decimals).split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, "\u202f");
  const text = part ? grouped + (language === "es" ? "," : ".") + part : grouped;
  return value < 0 && /[1-9]/.test(text) ? `\u2212${text}` : text;
}

function age(seconds) {
  if (!Number.isFinite(seconds)) return "—";
  if (seconds < 10) return `${number(seconds, 1)} s`;
  if (seconds < 120) return `${number(seconds, 0)} s`;
  if (seconds < 7200) return `${number(seconds / 60, 0)} min`;
  if (seconds < 172800) return `${number(seconds / 3600, 0)} h`;
  return `${number(seconds / 86400, 0)} d`;
}
