// Shows the live samples of one refinery on its P&ID and in its tables. A value that is old or bad never looks good.
const texts = JSON.parse(document.getElementById("texts").textContent);
const language = document.documentElement.lang;
const refinery = document.getElementById("plant").dataset.refinery;
const STALE_AFTER_HEARTBEATS = 3;
const CAP_HEIGHT = 0.698; // of the font size, IBM Plex Sans
const BADGE_HALF_PX = 8; // at 100 %, as resources/themes/tokens.json
const MOST_PERCENT = 6; // letters, see pid_renderer/svg_marks.py
const BADGE_DROP = { 2: 0.28, 3: -0.2 }; // a numeral stands where its triangle is wide
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

const sheet = await drawSheet();
const places = new Map(); // kks → where its value stands on the sheet
for (const place of sheet ? sheet.querySelectorAll("[data-signal]") : []) {
  places.set(place.dataset.signal, [...(places.get(place.dataset.signal) || []), place]);
}
// The box of each value stands before every text: in the order of the values.
const boxed = sheet ? [...sheet.querySelectorAll(".boxed")] : [];
const boxOf = new Map();
for (const [number, place] of [...(sheet ? sheet.querySelectorAll("[data-signal]") : [])].entries()) {
  boxOf.set(place.closest(".says"), boxed[number]);
}
const badges = sheet ? [...sheet.querySelectorAll("[data-signals]")] : [];
const laidOut = new WeakMap(); // group of a value → what it was laid out for
const cells = makeTables();
apply(plant.rows);
listen();
setInterval(refresh, 500);
refresh();

async function drawSheet() {
  if (document.getElementById("plant").dataset.sheet === "no") return null;
  const answer = await fetch(`/${refinery}/sheet.svg`);
  if (!answer.ok) return null;
  const read = new DOMParser().parseFromString(await answer.text(), "image/svg+xml").documentElement;
  const drawn = document.importNode(read, true);
  document.getElementById("sheet").replaceChildren(drawn);
  const lens = document.getElementById("lens");
  lens.addEventListener("click", () => {
    const on = drawn.dataset.lens === undefined;
    if (on) drawn.dataset.lens = "on"; else delete drawn.dataset.lens;
    lens.setAttribute("aria-pressed", String(on));
    refresh();
  });
  return drawn;
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
  for (const [kks, value, time, quality, goodValue, goodTime, alarm] of rows) {
    if (!signals.has(kks)) continue;
    const kept = value === null && typeof goodValue === "number";
    newest.set(kks, {
      value: kept ? goodValue : value, time: kept ? goodTime : time, quality: kept ? 20 : quality, alarm: alarm || null,
    });
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
  const looks = new Map(); // kks → how far it is to be believed
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
    looks.set(kks, how);
    const value = sample ? sample.value : null;
    for (const cell of entry.values) show(cell, said(signal, value), signal.unit, how, sample);
    for (const cell of entry.ages) cell.textContent = age(ageS);
    if (sheet) showOnSheet(signal, value, how, sample);
    if (entry.tank) showTank(entry.tank, signal, value, how, sample);
  }
  if (!sheet) return;
  showEquipment(looks);
  showBadges(looks);
  layOutMarks();
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

function showOnSheet(signal, value, how, sample) {
  const text = signal.unit ? `${number(value, signal.decimals)} ${signal.unit}` : number(value, signal.decimals);
  const percent = offDesign(signal, value, how);
  for (const place of places.get(signal.kks) || []) {
    if (place.textContent !== text) place.textContent = text;
    set(place, "look", how);
    setMark(place.closest(".says"), sample && sample.alarm, how, percent);
  }
}

// The browser lays the whole picture out anew after any change: nothing is written that stands there already.
function put(element, name, value) {
  if (element.getAttribute(name) !== String(value)) element.setAttribute(name, value);
}

// The same steps as analysis/deviation.py; what is not good is no deviation.
function offDesign(signal, value, how) {
  if (how !== "good" || value === null || signal.design === null || signal.design_percent === null) return 0;
  return (value - signal.design) * signal.design_percent;
}

function stepName(percent) {
  const size = [2, 5, 10].filter((threshold) => Math.abs(percent) > threshold).length;
  return size ? `${percent > 0 ? "over" : "under"}${size}` : "";
}

function set(element, name, value) {
  if ((element.dataset[name] || "") === value) return;
  if (value) element.dataset[name] = value; else delete element.dataset[name];
}

// A value that is old or bad keeps its last badge, hollow: what is not known is not over.
function setMark(says, alarm, how, percent) {
  const known = how === "good" || how === "uncertain";
  set(says, "alarm", alarm ? (known ? "acknowledged" : "returned") : "");
  set(says, "priority", alarm ? `p${alarm[0]}` : "");
  set(says, "off", stepName(percent));
  const box = boxOf.get(says);
  if (box) for (const name of ["alarm", "priority", "off"]) set(box, name, says.dataset[name] || "");
  const told = says.dataset.off && !says.dataset.crowded;
  set(says, "percent", told ? `${percent > 0 ? "+" : ""}${number(percent, 0)} %` : "");
  if (!alarm) return;
  const badge = says.querySelector(".badge");
  const [priority, limit] = alarm;
  if (badge.dataset.shown === `${priority}${limit}`) return;
  badge.dataset.shown = `${priority}${limit}`;
  const numeral = badge.querySelector(".numeral");
  const mark = badge.querySelector(".mark");
  mark.setAttribute("d", sheet.getElementById(`badge-p${priority}`).getAttribute("d"));
  mark.setAttribute("transform", `scale(${BADGE_HALF_PX})`);
  mark.setAttribute("vector-effect", "non-scaling-stroke");
  mark.style.strokeWidth = "1.2px";
  numeral.textContent = String(priority);
  numeral.setAttribute("y", String(0.455 * BADGE_HALF_PX + (BADGE_DROP[priority] || 0) * BADGE_HALF_PX));
  let title = badge.querySelector("title");
  if (!title) title = badge.insertBefore(document.createElementNS(badge.namespaceURI, "title"), badge.firstChild);
  title.textContent = `${texts.alarm} ${texts[limit] || limit}, ${texts.priority} ${priority}`;
}

// Box, percent and badge go with a text that grew or shrank: first all are measured, then all are moved.
function layOutMarks() {
  const lens = sheet.dataset.lens !== undefined;
  const moved = [];
  for (const place of [...places.values()].flat()) {
    const says = place.closest(".says");
    if (!says.dataset.alarm && !says.dataset.off) continue;
    const wanted = [place.textContent, place.getAttribute("y"), says.dataset.alarm, says.dataset.percent, lens].join("|");
    if (laidOut.get(says) === wanted) continue;
    laidOut.set(says, wanted);
    moved.push([says, place, place.getComputedTextLength()]);
  }
  for (const [says, place, wide] of moved) layOut(says, place, wide, lens);
}

// As pid_renderer/svg_marks.py places them.
function layOut(says, place, wide, lens) {
  const mm = Number(sheet.dataset.mm);
  const size = parseFloat(place.style.fontSize);
  const anchor = place.getAttribute("text-anchor");
  const left = Number(place.getAttribute("x")) - { start: 0, middle: 0.5, end: 1 }[anchor] * wide;
  const middle = Number(place.getAttribute("y")) - CAP_HEIGHT / 2 * size;
  const box = sheet.viewBox.baseVal;
  const edge = box.x + box.width;
  const pad = 5 * mm;
  const high = 1.5 * size;
  const said = says.dataset.percent || "";
  const beside = (18 + 0.6 * 11 * said.length) * mm;
  const inside = anchor === "middle" || left + wide + (18 + 0.6 * 11 * MOST_PERCENT) * mm > edge;
  const shown = said && lens;
  const more = shown && !inside ? beside : 0;
  const plate = boxOf.get(says).querySelector(".plate");
  plate.setAttribute("x", String(left - pad));
  plate.setAttribute("y", String(middle - high / 2));
  plate.setAttribute("width", String(wide + 2 * pad + more));
  plate.setAttribute("height", String(high + (shown && inside ? 15 * mm : 0)));
  const off = says.querySelector(".off");
  const at = inside ? [left + (wide - beside) / 2, middle + high / 2 + 4 * mm] : [left + wide, middle];
  off.setAttribute("transform", `translate(${at[0]} ${at[1]}) scale(${mm})`);
  off.querySelector(".percent").textContent = said;
  const turned = (says.dataset.off || "").startsWith("under") ? -1 : 1;
  off.querySelector(".side").setAttribute("d", `M5 ${4 * turned}h8l-4 ${-8 * turned}Z`);
  const far = (1.62 * BADGE_HALF_PX + 5) * mm;
  let x = anchor === "start" ? left + wide + more + far : left - far;
  const y = x + far <= edge ? middle : middle - high / 2 - far;
  x = Math.min(x, edge - far);
  says.querySelector(".badge").setAttribute("transform", `translate(${x} ${y}) scale(${mm})`);
}

// The alarms of what has no value on the sheet, at its symbol: the worst of them.
function showBadges(looks) {
  for (const says of badges) {
    const alarmed = says.dataset.signals.split(" ").filter((kks) => newest.get(kks)?.alarm);
    alarmed.sort((one, other) => newest.get(one).alarm[0] - newest.get(other).alarm[0]);
    const worst = alarmed[0];
    setMark(says, worst ? newest.get(worst).alarm : null, worst ? looks.get(worst) : "good", 0);
  }
}

// Pumps and valves, by the same rules as the desktop: limit switches are believed before a position.
function showEquipment(looks) {
  for (const [code, signalsOfIt] of equipment) {
    const group = document.getElementById(code);
    if (!group) continue;
    const of = (...roles) => signalsOfIt.find((one) => roles.includes(one.role));
    const value = (...roles) => { // 0 … 1 of the signal's range
      const signal = of(...roles);
      const sample = signal && newest.get(signal.kks);
      if (!sample || sample.value === null || sample.quality < 64) return null;
      return Math.min(1, Math.max(0, (sample.value - signal.low) / (signal.high - signal.low)));
    };
    const level = of("level");
    if (level && !group.dataset.state) {
      const sample = newest.get(level.kks);
      set(group, "off", stepName(offDesign(level, sample ? sample.value : null, looks.get(level.kks))));
    }
    if (!group.dataset.state) continue;
    const has = (role) => of(role) !== undefined;
    const isSet = (role) => (value(role) === null ? null : value(role) >= 0.5);
    const isValve = group.classList.contains("valve");
    const opened = has("open") ? "open" : "lifted";
    set(group, "state", isValve
      ? valveState(isSet(opened), isSet("closed"), value("position"), has(opened), has("closed"))
      : driveState(isSet("running"), isSet("fault") || isSet("trip"), isSet("command"), isSet("available")));
    const deciding = isValve ? ["position", "open", "closed", "lifted"] : ["running", "fault", "trip"];
    const doubted = signalsOfIt.some((one) => deciding.includes(one.role) && looks.get(one.kks) !== "good");
    set(group, "doubt", doubted ? "yes" : "");
    const bar = group.querySelector(".travel");
    if (bar) showTravel(bar, value("position"), value("command", "output"), doubted);
  }
}

// How far a control valve is open, and where it was told to go.
function showTravel(bar, position, told, doubted) {
  set(bar, "look", position === null ? "" : doubted ? "old" : "good");
  const [track, share] = bar.querySelectorAll(".track, .share");
  const [x, y, wide, high] = ["x", "y", "width", "height"].map((name) => Number(track.getAttribute(name)));
  const upright = bar.dataset.upright === "yes";
  const place = (rect, values) => ["x", "y", "width", "height"].forEach((name, i) => put(rect, name, values[i]));
  const part = position === null ? 0 : position;
  place(share, upright ? [x, y + high * (1 - part), wide, high * part] : [x, y, wide * part, high]);
  let tick = bar.querySelector(".told");
  if (told === null) {
    if (tick) tick.remove();
    return;
  }
  if (!tick) {
    tick = bar.appendChild(document.createElementNS(bar.namespaceURI, "rect"));
    tick.setAttribute("class", "told");
  }
  const mm = Number(sheet.dataset.mm);
  const over = 1.6 * mm;
  const thick = 2.4 * mm;
  place(tick, upright
    ? [x - over, y + high * (1 - told) - thick / 2, wide + 2 * over, thick]
    : [x + wide * told - thick / 2, y - over, thick, high + 2 * over]);
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
  set(liquid, "look", how);
  const top = Number(liquid.dataset.top);
  const height = Number(liquid.dataset.height);
  const part = value === null ? 0 : Math.min(1, Math.max(0, (value - signal.low) / (signal.high - signal.low)));
  put(liquid, "y", String(top + height * (1 - part)));
  put(liquid, "height", String(height * part));
  const surface = document.getElementById(`surface-${tank.kks}`);
  if (!surface) return;
  set(surface, "look", how);
  put(surface, "y", String(top + height * (1 - part) - Number(surface.dataset.above)));
  // In the larger of liquid and vapour, never across the surface.
  const text = document.getElementById(`v-${signal.kks}`);
  const middle = top + height * (part >= 0.5 ? 1 - part / 2 : (1 - part) / 2);
  if (text) put(text, "y", String(middle + CAP_HEIGHT / 2 * parseFloat(text.style.fontSize)));
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
